"""Runs every check of scim2-tester against a SCIM server: conformance.py BASE_URL, with the token in the environment.

Prints each check that is not SUCCESS, and a closing line. Only SUCCESS passes: a check that is skipped has shown nothing.
"""

import os
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

base_url = sys.argv[1]
headers = {"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"}

with Client(base_url=base_url, headers=headers, timeout=60) as http:
    results = check_server(SyncSCIMClient(http))

not_passed = [result for result in results if result.status is not Status.SUCCESS]
for result in not_passed:
    where = f" ({result.resource_type})" if result.resource_type else ""
    print(f"{result.status.name} {result.title}{where}: {result.reason}")
    if result.data is not None:
        print(f"    {str(result.data)[:2000]}")

passed = len(results) - len(not_passed)
print(f"{passed} passed, {len(not_passed)} failed")
# A server whose discovery cannot be read ends the run early, with few checks and perhaps no failed one.
sys.exit(0 if passed > 0 and not not_passed else 1)

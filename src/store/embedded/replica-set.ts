/** The set of one node: made at the first start, told its new address when the port changed, waited for until it takes writes. */
import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { SET_NAME } from './mongod.ts';

export const uriOf = (port: number) => `mongodb://127.0.0.1:${port}/rollcall?replicaSet=${SET_NAME}`;

/** Throws when it is not writable by then. `gone()` ends the wait early: the process is no more. */
export async function makeWritable(port: number, withinMs: number, gone: () => boolean = () => false): Promise<void> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline && !gone()) {
    const client = directTo(port);
    try {
      await client.connect();
      await configure(client, port);
      while (performance.now() < deadline && !gone()) {
        if (await isWritable(client)) return;
        await delay(20);
      }
    } catch (error) {
      last = error; // it does not answer yet
      await delay(50);
    } finally {
      await client.close();
    }
  }
  throw new Error('The embedded MongoDB did not take writes in time.', { cause: last });
}

/** True when the node on this port answers and belongs to our set: the sign that it can be gone on with. */
export async function answers(port: number): Promise<boolean> {
  const client = directTo(port);
  try {
    await client.connect();
    const hello = await client.db('admin').command({ hello: 1 });
    return hello['setName'] === SET_NAME;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

function directTo(port: number): mongo.MongoClient {
  return new mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
    connectTimeoutMS: 500,
    socketTimeoutMS: 5000,
    maxPoolSize: 1,
  });
}

async function configure(client: mongo.MongoClient, port: number): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const admin = client.db('admin');
  const config = await configurationOf(admin);
  if (config === undefined) {
    await admin.command({ replSetInitiate: { _id: SET_NAME, members: [{ _id: 0, host }] } });
    return;
  }
  const hosts = memberHosts(config);
  if (hosts.length === 1 && hosts[0] === host) return;
  // By force: at its new address the node is no member of its own set, so there is nobody who could agree (55 ms, measured).
  const version = typeof config.version === 'number' ? config.version : 0;
  await admin.command({ replSetReconfig: { ...config, version: version + 1, members: [{ _id: 0, host }] }, force: true });
}

/** By command: a node that is no member of its own set refuses to read, its configuration too. */
async function configurationOf(admin: mongo.Db): Promise<SetConfiguration | undefined> {
  try {
    const answer = await admin.command({ replSetGetConfig: 1 });
    const config: unknown = answer['config'];
    return typeof config === 'object' && config !== null ? config : undefined;
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.codeName === 'NotYetInitialized') return undefined;
    throw error;
  }
}

interface SetConfiguration {
  readonly version?: unknown;
  readonly members?: unknown;
}

function memberHosts({ members }: SetConfiguration): unknown[] {
  if (!Array.isArray(members)) return [];
  return members.map((member: unknown) => (typeof member === 'object' && member !== null && 'host' in member ? member.host : undefined));
}

async function isWritable(client: mongo.MongoClient): Promise<boolean> {
  const hello = await client.db('admin').command({ hello: 1 });
  return hello['isWritablePrimary'] === true;
}

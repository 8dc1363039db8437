#!/usr/bin/env node
// The command `rollcall` of a clone and of the image: `npx rollcall ...` finds it by the `bin` of package.json, and set-up links it.
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
if (existsSync(cli)) {
  await import(cli);
} else {
  console.error('The server is not built yet: run "npm start" or "npm run build" once, then this again.');
  process.exitCode = 1;
}

// Loaded before the server, and so before its process for passwords: writes down every password that argon2 verifies, with the hash it was
// verified against. Counted where it happens, before anybody is answered, so that nothing which the server says or stores about its attempts has
// to be believed.
import { appendFileSync } from 'node:fs';
import argon2 from 'argon2';

const { verify } = argon2;
argon2.verify = async (hash, ...others) => {
  const began = Date.now();
  const right = await verify(hash, ...others);
  appendFileSync(process.env.STORM_VERIFICATIONS, `${JSON.stringify({ hash, right, began })}\n`);
  return right;
};

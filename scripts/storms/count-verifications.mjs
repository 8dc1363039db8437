// Loaded before the server: tells whoever started it of every password that argon2 verifies, with the hash it was verified against. Counted
// where it happens, so that nothing which the server says or stores about its attempts has to be believed.
import argon2 from 'argon2';

const { verify } = argon2;
argon2.verify = async (hash, ...others) => {
  const began = Date.now();
  const right = await verify(hash, ...others);
  process.send?.({ hash, right, began });
  return right;
};

// Comes back behind all that was told before.
process.on('message', (mark) => process.send?.({ mark }));

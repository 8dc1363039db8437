/** Where a request comes from. TRUST_PROXY decides whose word is taken for it, and even such a word must be an address. */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

export const callerAddress = ({ ip, socket }: FastifyRequest): string => (isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip);

/** Response headers that keep the editor and the API to themselves. Data and one small hook; decides nothing else. */
import type { FastifyReply } from 'fastify';

/**
 * No eval, no inline script, no other host. Pictures may come from blobs (previews) and data URLs.
 * Inline styles stay forbidden: setting `element.style` from script is not covered by the policy.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export function setSecurityHeaders(reply: FastifyReply): void {
  reply.headers(HEADERS);
}

/**
 * Zod compiles schemas with `new Function` where it may. Under our Content-Security-Policy it may not, and even trying
 * is reported as a violation: told so before any schema is made, it interprets. Must be imported first.
 */
import { config } from 'zod';

config({ jitless: true });

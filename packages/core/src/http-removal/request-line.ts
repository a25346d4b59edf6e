import { redact } from '../errors/redact.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'

/** `DELETE /users/7`, fit to be shown. */
export const lineOf = ({ method, url }: PlainRequest): string => `${method} ${redact(url)}`

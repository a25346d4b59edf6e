import { redact } from '../errors/redact.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'

/** `DELETE /users/7`, redacted. */
export const requestLine = ({ method, url }: PlainRequest): string => `${method} ${redact(url)}`

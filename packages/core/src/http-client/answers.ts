/** Which stores have accepted which credentials in this process: without that, a "not found" proves nothing. */
import { isCredential } from '../http-rules/plain-request.ts'
import { creators } from './creators.ts'
import { removalsSeen } from './removals-seen.ts'

const answered = new Set<string>()

/** The credentials among a request's headers; compared, never written. */
export function credentialOf(headers: Iterable<readonly [name: string, value: unknown]>): string {
  const parts: string[] = []
  for (const [name, value] of headers) {
    if (isCredential(name)) parts.push(`${name.toLowerCase()}: ${String(value)}`)
  }
  return parts.sort().join('\n')
}

export const answers = {
  /** A run begins: another service may run at the same address by now. */
  begin(): void {
    answered.clear()
    creators.begin()
    removalsSeen.begin()
  },
  /** 401 and 403 indicate wrong credentials, 404 a wrong path or a hidden resource, 5xx a failure in between. */
  note(store: string, credential: string, status: number): void {
    if (status < 500 && ![401, 403, 404].includes(status)) answered.add(`${store}\n${credential}`)
  },
  proveGone(store: string, credential: string): boolean {
    return answered.has(`${store}\n${credential}`)
  },
}

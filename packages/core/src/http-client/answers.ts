/** Which stores have answered which credentials in this process: a "not found" from others proves nothing. */
import { isCredential } from '../http-rules/plain-request.ts'
import { creators } from './creators.ts'
import { removalsSeen } from './removals-seen.ts'

const answered = new Set<string>()

/** What authenticates a request, as far as its headers tell; compared, never written. */
export function credentialOf(headers: Iterable<readonly [name: string, value: unknown]>): string {
  const parts: string[] = []
  for (const [name, value] of headers) {
    if (isCredential(name)) parts.push(`${name.toLowerCase()}: ${String(value)}`)
  }
  return parts.sort().join('\n')
}

export const answers = {
  /** A run begins: what answered before it may be another service by now. */
  begin(): void {
    answered.clear()
    creators.begin()
    removalsSeen.begin()
  },
  /** 401 and 403 tell of wrong credentials, 404 of a wrong path or of hiding, 5xx of something in between. */
  note(store: string, credential: string, status: number): void {
    if (status < 500 && ![401, 403, 404].includes(status)) answered.add(`${store}\n${credential}`)
  },
  proveGone(store: string, credential: string): boolean {
    return answered.has(`${store}\n${credential}`)
  },
}

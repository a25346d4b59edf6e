/** Calls a webhook or a function with a payload. */
import { late, untilDeadline } from '../cleanup/deadline.ts'
import { postJson } from '../http-client/post-json.ts'
import type { Json } from '../resource/resource.ts'
import { fillJson } from '../resource/template.ts'

export interface Hook<Payload> {
  readonly url?: string
  /** @default 'POST' */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** `{name}` is replaced by the payload's field of that name. @default the whole payload */
  readonly body?: unknown
  run?(payload: Payload): unknown
}

/** @throws whatever the function throws; Error when the hook does not succeed before the deadline. */
export async function callHook<Payload extends object>(
  hook: Hook<Payload>,
  payload: Payload,
  deadline: number,
): Promise<void> {
  if ((await untilDeadline(deadline, () => call(hook, payload))) === late)
    throw new Error('it took longer than cleanup.timeout allows')
}

async function call<Payload extends object>(hook: Hook<Payload>, payload: Payload): Promise<void> {
  if (hook.run) return void (await hook.run(payload))
  const { url, method = 'POST', headers = {}, body } = hook
  const values = new Map<string, Json>(Object.entries(payload))
  const filled = body === undefined ? payload : fillJson(body as Json, (name) => values.get(name))
  await postJson(url as string, method, headers, filled)
}

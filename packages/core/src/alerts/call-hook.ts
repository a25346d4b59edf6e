/** A webhook, or a function, that is told something. */
import { late, untilDeadline } from '../cleanup/deadline.ts'
import { postJson } from '../http-client/post-json.ts'
import type { Json } from '../resource/resource.ts'
import { fillJson } from '../resource/template.ts'

export interface Hook<Told> {
  readonly url?: string
  /** @default 'POST' */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** `{name}` stands for what is told under that name. @default all of it */
  readonly body?: unknown
  run?(told: Told): unknown
}

/** @throws what a function throws; Error when nothing answered with success in time. */
export async function callHook<Told extends object>(hook: Hook<Told>, told: Told, deadline: number): Promise<void> {
  if ((await untilDeadline(deadline, () => call(hook, told))) === late)
    throw new Error('it took longer than cleanup.timeout allows')
}

async function call<Told extends object>(hook: Hook<Told>, told: Told): Promise<void> {
  if (hook.run) return void (await hook.run(told))
  const { url, method = 'POST', headers = {}, body } = hook
  const values = new Map<string, Json>(Object.entries(told))
  const filled = body === undefined ? told : fillJson(body as Json, (name) => values.get(name))
  await postJson(url as string, method, headers, filled)
}

/** Looks up a resource in the list above its path: `GET /users` for `/users/7`. Each list is requested once per removal. */
import { parseJson } from '../http-client/answer-body.ts'
import type { Sender, SentAnswer } from '../http-client/sender.ts'
import { idOf } from '../http-rules/default-ids.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import { isId } from '../http-rules/place.ts'
import type { Json } from '../resource/resource.ts'
import type { Presence } from '../resource/target.ts'

export interface Lists {
  /** `unknown` if there is no list, or only a part of it. */
  shows(key: Json, path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Presence>
}

export function listsOf(requests: Sender): Lists {
  const requested = new Map<string, Promise<List | undefined>>()
  return {
    async shows(key, path, headers, signal) {
      const name = JSON.stringify([path, headers])
      const list = requested.get(name) ?? listAt(requests, path, headers, signal)
      requested.set(name, list)
      return presenceIn(await list, key)
    },
  }
}

interface List {
  readonly ids: ReadonlySet<string>
  readonly isWhole: boolean
}

async function listAt(
  requests: Sender,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<List | undefined> {
  try {
    return listIn(await requests.glance({ method: 'GET', url, headers }, signal))
  } catch {
    return undefined
  }
}

function presenceIn(list: List | undefined, key: Json): Presence {
  if (list?.ids.has(String(key))) return 'present'
  return list?.isWhole ? 'absent' : 'unknown'
}

/** A list of resources, or an object that contains exactly one. */
function listIn(answer: SentAnswer): List | undefined {
  if (answer.mocked || answer.status < 200 || answer.status >= 300) return undefined
  const body = parseJson(answer.body)
  const lists = Array.isArray(body) ? [body] : Object.values(body ?? {}).filter(Array.isArray)
  const [list] = lists as (readonly Json[])[]
  if (!list || lists.length > 1 || errorSign(body)) return undefined
  const found = list.map((item) => (typeof item === 'object' ? idOf(item) : item))
  const ids = found.filter(isId).map(String)
  const isWhole = ids.length === list.length && !headersHaveMore(answer, list.length) && !hasMore(body, list.length)
  return { ids: new Set(ids), isWhole }
}

/** `Link: </users?page=2>; rel="next"`, `X-Total-Count: 80`, `Content-Range: items 0-19/80`. */
function headersHaveMore({ header }: SentAnswer, shown: number): boolean {
  const range = header('content-range')?.split('/')[1]
  const totals = [header('x-total-count'), header('x-total'), header('total-count'), range]
  return (
    /rel=["']?next/i.test(header('link') ?? '') ||
    totals.some((total) => total !== undefined && !(Number(total) <= shown))
  )
}

/** `{ total: 80 }`, `{ next: '/users?page=2' }`, `{ pages: 4 }`, a full page, or the same in `meta`: in doubt there is more. */
function hasMore(about: Json | undefined, shown: number): boolean {
  if (typeof about !== 'object' || about === null || Array.isArray(about)) return false
  const fields = Object.entries(about)
  const isAll = fields.some(
    ([name, value]) => /^total([-_]?(count|items|results|elements))?$/i.test(name) && value === shown,
  )
  return fields.some(
    ([name, value]) =>
      (typeof value === 'number' && value > shown) ||
      (/^(total[-_]?|num[-_]?|last[-_]?)?pages?([-_]?count)?$/i.test(name) && name !== 'page' && Number(value) > 1) ||
      (/^(limit|(per|items[-_]?per)[-_]?page|page[-_]?size)$/i.test(name) && !isAll && Number(value) <= shown) ||
      (/next|more|cursor/i.test(name) && Boolean(value)) ||
      hasMore(value as Json, shown),
  )
}

/** Commands as they are written to the server (RESP), and what of an error came from it. */
import type { Arg } from '../keys.ts'
import { type Asked, type Existed, everyKey, isTimeOf, type Unanswered } from './observed.ts'
import type { Watcher } from './watch.ts'

/** A text where all arguments are text. */
export function written(args: readonly Arg[]): Arg {
  let head = `*${args.length}\r\n`
  const parts: Buffer[] = []
  for (const arg of args) {
    if (typeof arg === 'string') head += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`
    else {
      parts.push(Buffer.from(`${head}$${arg.length}\r\n`), arg)
      head = '\r\n'
    }
  }
  return parts.length === 0 ? head : Buffer.concat([...parts, Buffer.from(head)])
}

export function joined(parts: readonly Arg[]): Arg {
  if (parts.every((part) => typeof part === 'string')) return parts.join('')
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

/** Of a database with more keys than that all are not asked for. */
const most = 100_000

/** What one connection is asked once: which server it leads to, and, for each selection, which database it is in. */
export function introduction({ connection, selection }: Watcher): readonly Introduction[] {
  const server = connection.isUnknown ? sections.map((section) => ['INFO', section]) : []
  return [
    ...server.map((args) => ({ args, heard: (reply: unknown) => connection.learn(reply) })),
    ...(selection.isUnasked ? [{ args: ['CLIENT', 'INFO'], heard: (reply: unknown) => selection.learn(reply) }] : []),
  ]
}

const sections = ['server', 'replication'] as const

interface Introduction {
  readonly args: readonly Arg[]
  readonly heard: (reply: unknown) => void
}

/** The command that asks it. */
export function question(asked: Asked): readonly Arg[] {
  if (asked === everyKey) return ['SCAN', '0', 'COUNT', String(most)]
  return isTimeOf(asked) ? ['PTTL', asked.timeOf] : ['EXISTS', asked]
}

/** What the server said to it. */
export function answerTo(asked: Asked, reply: unknown): ReturnType<Existed> {
  if (asked === everyKey) return allIn(reply)
  const count = countIn(reply)
  return typeof count !== 'number' || isTimeOf(asked) ? count : count > 0
}

/** A cursor that is not at its end has seen only a part. */
function allIn(reply: unknown): readonly Arg[] | Unanswered {
  const [cursor, keys] = (Array.isArray(reply) ? reply : []) as readonly unknown[]
  return String(cursor) === '0' && Array.isArray(keys) ? (keys as readonly Arg[]) : 'unasked'
}

/** Whether the server itself answered with it: then the command was not carried out. */
export function isServerError(error: unknown): error is { readonly message: string } {
  const { message } = (error ?? {}) as { message?: unknown }
  return typeof message === 'string' && /^[A-Z][A-Z0-9_]+ /.test(message)
}

/** What EXISTS or PTTL said, or why nothing could be heard of it. */
function countIn(answer: unknown): number | Unanswered {
  if (isServerError(answer)) return isRefusal(answer) ? 'denied' : 'lost'
  const count = Number(answer)
  return answer === undefined || answer === null || answer instanceof Error || Number.isNaN(count) ? 'lost' : count
}

/** The user may not ask, or the server does not know the command. Other errors (`MOVED`, `LOADING`) are the user's command's as well. */
const isRefusal = ({ message }: { readonly message: string }) => /^(?:NOPERM|ERR) /.test(message)

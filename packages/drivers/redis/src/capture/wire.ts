/** Encodes commands (RESP), builds lookups, and interprets the server's replies and errors. */
import type { Arg } from '../keys.ts'
import { type Existed, everyKey, isTtlLookup, type Lookup, type Unanswered } from './observed-command.ts'
import type { Watcher } from './watch.ts'

/** A string if all arguments are strings. */
export function encodeCommand(args: readonly Arg[]): Arg {
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

/** The keys of a larger database are not listed. */
const maxKeys = 100_000

/** Queries that a connection sends once: INFO for its server, and CLIENT INFO for the database of each selection. */
export function identityQueries({ connection, selection }: Watcher): readonly IdentityQuery[] {
  const server = connection.needsInfo ? sections.map((section) => ['INFO', section]) : []
  return [
    ...server.map((args) => ({ args, onReply: (reply: unknown) => connection.learn(reply) })),
    ...(selection.needsQuery
      ? [{ args: ['CLIENT', 'INFO'], onReply: (reply: unknown) => selection.learn(reply) }]
      : []),
  ]
}

const sections = ['server', 'replication'] as const

interface IdentityQuery {
  readonly args: readonly Arg[]
  readonly onReply: (reply: unknown) => void
}

/** The command that carries out a lookup. */
export function lookupCommand(lookup: Lookup): readonly Arg[] {
  if (lookup === everyKey) return ['SCAN', '0', 'COUNT', String(maxKeys)]
  return isTtlLookup(lookup) ? ['PTTL', lookup.ttlOf] : ['EXISTS', lookup]
}

/** The result of a lookup, from the server's reply. */
export function lookupResult(lookup: Lookup, reply: unknown): ReturnType<Existed> {
  if (lookup === everyKey) return allIn(reply)
  const count = countIn(reply)
  return typeof count !== 'number' || isTtlLookup(lookup) ? count : count > 0
}

/** Unless the cursor is back at 0, the list is incomplete. */
function allIn(reply: unknown): readonly Arg[] | Unanswered {
  const [cursor, keys] = (Array.isArray(reply) ? reply : []) as readonly unknown[]
  return String(cursor) === '0' && Array.isArray(keys) ? (keys as readonly Arg[]) : 'unasked'
}

/** Whether the error is the server's reply: then the command was not carried out. */
export function isServerError(error: unknown): error is { readonly message: string } {
  const { message } = (error ?? {}) as { message?: unknown }
  return typeof message === 'string' && /^[A-Z][A-Z0-9_]+ /.test(message)
}

/** The reply to EXISTS or PTTL, or why there is none. */
function countIn(answer: unknown): number | Unanswered {
  if (isServerError(answer)) return isRefusal(answer) ? 'denied' : 'lost'
  const count = Number(answer)
  return answer === undefined || answer === null || answer instanceof Error || Number.isNaN(count) ? 'lost' : count
}

/**
 * The user lacks the right, or the server does not know the command. Other errors (`MOVED`, `LOADING`) hit the user's
 * command as well.
 */
const isRefusal = ({ message }: { readonly message: string }) => /^(?:NOPERM|ERR) /.test(message)

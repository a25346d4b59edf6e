import { type Kind, kindNames, type Server, server, variableOf } from '@dustpan/conformance/servers'
import { type Installable, installations } from './installations.ts'

export interface Running extends AsyncDisposable {
  readonly servers: readonly Server[]
  /** The variables by which test files find the servers. */
  readonly environment: Readonly<Record<string, string>>
  readonly missing: readonly { readonly kind: Kind; readonly reason: string }[]
}

/** Starts all available servers at once. `install`: also installs missing ones. */
export async function startAll({ install }: { install: boolean }): Promise<Running> {
  const found = await Promise.all(kindNames.map(async (kind) => ({ kind, ...(await start(kind, install)) })))
  const servers = found.flatMap(({ server }) => server ?? [])
  return {
    servers,
    environment: Object.fromEntries(
      servers.map(({ kind, url, version }) => [variableOf(kind), named(kind, url, version)]),
    ),
    missing: found.flatMap(({ kind, reason }) => (reason === undefined ? [] : { kind, reason })),
    [Symbol.asyncDispose]: async () => void (await Promise.all(servers.map((one) => one[Symbol.asyncDispose]()))),
  }
}

type Start = { server?: Server; reason?: string }

async function start(kind: Kind, install: boolean): Promise<Start> {
  const first = await attempt(kind)
  if (first.server || !install) return first
  const failure = await tryToInstall(kind)
  return failure === undefined ? attempt(kind) : { reason: `${first.reason}; ${failure}` }
}

async function attempt(kind: Kind): Promise<Start> {
  try {
    const found = await server(kind)
    return 'missing' in found ? { reason: found.missing } : { server: found }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Resolves to the reason of a failure, in one line. */
export async function tryToInstall(kind: Installable): Promise<string | undefined> {
  try {
    await installations[kind]?.()
    return undefined
  } catch (error) {
    const { shortMessage, message } = error as { shortMessage?: string; message: string }
    return (shortMessage ?? message).split('\n')[0]
  }
}

/** Adds the version for a broker, which does not report it. */
function named(kind: Kind, url: string, version: string): string {
  return kind === 'kafka' ? `${url}?version=${version}` : url
}

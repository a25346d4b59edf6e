/** `npm run services [status | start | install [kind …]]`: manages the real servers that the tests run on. */
import { kindNames } from '@dustpan/conformance/servers'
import type { Installable } from './services/installations.ts'
import { startAll, tryToInstall } from './services/start-all.ts'

const installable: readonly Installable[] = [...kindNames, 'pgbouncer', 'prisma']
const [command = 'status', ...args] = process.argv.slice(2)
const commands: Readonly<Record<string, () => Promise<number>>> = { status, start, install }
const run = commands[command]
if (run) process.exit(await run())
else {
  console.error(`There is no command ${command}: status, start [--install] or install [${installable.join(' ')}].`)
  process.exitCode = 2
}

/** Starts each server, as only that shows that it works. */
async function status(): Promise<number> {
  await using running = await startAll({ install: false })
  for (const { kind, product } of running.servers) console.log(`${kind.padEnd(10)} ${product}`)
  for (const { kind, reason } of running.missing) console.log(`${kind.padEnd(10)} none: ${reason}`)
  return 0
}

/** Runs until Ctrl-C. */
async function start(): Promise<number> {
  await using running = await startAll({ install: args.includes('--install') || process.env.CI !== undefined })
  for (const { product, url } of running.servers) console.log(`# ${product}: ${url}`)
  for (const { kind, reason } of running.missing) console.log(`# no ${kind}: ${reason}`)
  for (const [name, value] of Object.entries(running.environment)) console.log(`export ${name}='${value}'`)
  await new Promise((resolve) => {
    const staying = setInterval(() => {}, 1 << 30)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve(clearInterval(staying)))
    }
  })
  return 0
}

/** Installs every kind, even if one fails. */
async function install(): Promise<number> {
  const wanted = args.length === 0 ? installable : installable.filter((one) => args.includes(one))
  const failures = await Promise.all(
    wanted.map(async (kind) => {
      const failure = await tryToInstall(kind)
      console.log(failure === undefined ? `✓ ${kind}` : `✗ ${kind}: ${failure}`)
      return failure
    }),
  )
  return failures.every((failure) => failure === undefined) ? 0 : 1
}

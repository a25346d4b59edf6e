/** A separate machine, as far as Dustpan can tell: a project with Vitest and its own ledger. */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'

const packages = join(import.meta.dirname, '../../../..')
const ours = {
  core: 'core',
  postgres: 'drivers/postgres',
  'postgres-ledger': 'ledgers/postgres',
  'redis-ledger': 'ledgers/redis',
  'vitest-plugin': 'vitest-plugin',
}
const dustpan = join(packages, 'cli/src/bin.ts')

export interface TestMachine extends Disposable {
  readonly folder: string
  /** Runs one shard of the build. */
  shard(shard: string, env?: object): ReturnType<typeof startVitest>
  /** Runs `dustpan`. `inMinutes`: pretends that this much time has passed. */
  dustpan(
    args: readonly string[],
    inMinutes?: number,
  ): Promise<{ readonly code: number | undefined; readonly out: string; readonly err: string }>
  /** The id of its newest run. */
  run(): string
  write(files: Readonly<Record<string, string>>): void
  /** Deletes the machine, including its disk. */
  vanish(): void
}

export function openMachine(config: string, files: Readonly<Record<string, string>>): TestMachine {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-machine-')))
  mkdirSync(join(folder, 'node_modules/@dustpan'), { recursive: true })
  for (const [name, at] of Object.entries(ours))
    symlinkSync(join(packages, at), join(folder, 'node_modules/@dustpan', name))
  for (const name of ['pg', 'vitest']) symlinkSync(folderOf(name), join(folder, 'node_modules', name))
  const write = (all: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(all)) writeFileSync(join(folder, name), content)
  }
  write({
    'package.json': '{ "type": "module" }',
    'vitest.config.ts': vitestConfig,
    'dustpan.config.ts': config,
    ...files,
  })
  // Processes that were killed with their run may still write for a moment.
  const vanish = () => rmSync(folder, { recursive: true, force: true, maxRetries: 100, retryDelay: 100 })
  const env = { DUSTPAN_BUILD_ID: 'build 7', CI: '1' }
  return {
    folder,
    run: () => readdirSync(join(folder, '.dustpan/runs')).sort().at(-1) ?? '',
    write,
    shard: (shard, more = {}) => startVitest(folder, shard, { ...env, ...more }),
    async dustpan(args, inMinutes = 0) {
      const clock = join(folder, 'clock.mjs')
      writeFileSync(clock, `const now = Date.now; Date.now = () => now() + ${inMinutes * 60_000}`)
      const called = await execa(process.execPath, ['--import', clock, dustpan, ...args], {
        cwd: folder,
        env,
        reject: false,
      })
      return { code: called.exitCode, out: called.stdout, err: called.stderr }
    },
    vanish,
    [Symbol.dispose]: vanish,
  }
}

function startVitest(folder: string, shard: string, env: NodeJS.ProcessEnv) {
  const program = join(folder, 'node_modules/vitest/vitest.mjs')
  return execa(process.execPath, [program, 'run', `--shard=${shard}`], { cwd: folder, env, reject: false, all: true })
}

const require = createRequire(import.meta.url)
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`))

const vitestConfig = `import { defineConfig } from 'vitest/config'
import { dustpan } from '@dustpan/vitest-plugin'
export default defineConfig({ plugins: [dustpan()] })
`

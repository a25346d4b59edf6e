// Runs a script of this repository with nothing but Node 20 and npm on the machine:
//   node scripts/with-install.mjs scripts/test.ts [arguments]
// It installs the lockfile's packages if they are missing, and then hands over to the Node version that the project pins.
// Until then no package can be imported, so this file uses only Node's own modules.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const binaries = join(root, 'node_modules', '.bin')
const projectNode = join(root, 'node_modules', 'node', 'bin', 'node')

const [script, ...args] = process.argv.slice(2)
requireNode20()
if (!isInstalled()) await install()
await handOver()

function requireNode20() {
  if (Number.parseInt(process.versions.node, 10) >= 20) return
  fail(`Node 20 or newer is needed; this is ${process.version}. Get one from https://nodejs.org`)
}

/** Compares with pnpm's copy of the lockfile that it last installed. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.pnpm', 'lock.yaml')
  return existsSync(projectNode) && existsSync(installed) && read(installed) === read(join(root, 'pnpm-lock.yaml'))
}

async function install() {
  const { packageManager } = JSON.parse(read(join(root, 'package.json')))
  const started = Date.now()
  process.stderr.write(`Installing packages with ${packageManager} … `)
  const { code, output } = await run('npx', ['-y', packageManager, 'install', '--frozen-lockfile'])
  if (code === 0) return process.stderr.write(`done in ${Math.round((Date.now() - started) / 1000)} s\n`)
  process.stderr.write(`failed\n${output}\n`)
  fail(
    code === 'ENOENT'
      ? 'npx was not found: npm, which comes with Node, has to be in the PATH.'
      : `The packages could not be installed: npx exited with ${code}, and said what stands above. ` +
          'Is the npm registry reachable (npm ping)? Then run the same command again.',
  )
}

/** Runs a command with both output streams in order. CI=true prevents prompts of pnpm. */
function run(command, commandArgs) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, {
      cwd: root,
      env: { ...process.env, CI: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    child.on('error', (error) => resolve({ code: error.code, output: error.message }))
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }))
  })
}

function handOver() {
  const child = spawn(projectNode, [script, ...args], {
    cwd: root,
    env: { ...process.env, PATH: binaries + delimiter + process.env.PATH },
    stdio: 'inherit',
  })
  // A terminal sends Ctrl-C to the child as well; a second signal would interrupt its cleanup.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`The project's own Node could not be started: ${error.message}`))
  child.on('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function read(file) {
  return readFileSync(file, 'utf8')
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

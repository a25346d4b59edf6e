/** A Chromium for tests and examples: the machine's own, else one that can be installed. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { root } from './workspace.ts'

export interface Browser {
  readonly executablePath: string
  /** Chromium's sandbox refuses to run as root. */
  readonly args: readonly string[]
}

/** Either a browser, or the reason why there is none. */
export type Found = { readonly browser: Browser } | { readonly missing: string }

let found: Promise<Found> | undefined

/** Searched once per process. */
export function getChromium(): Promise<Found> {
  found ??= look()
  return found
}

/** Path of a browser; an empty value means none. */
const named = 'CHROMIUM_PATH'
const variables = [named, 'CHROME_PATH', 'CHROME_BIN', 'PUPPETEER_EXECUTABLE_PATH']
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

async function look(): Promise<Found> {
  if (process.env[named] === '') return { missing: `${named} is set to nothing` }
  const here = onThisMachine()
  if (here) return { browser: browserAt(here) }
  const reasons: string[] = []
  for (const [command, ...args] of installations()) {
    const { failed, shortMessage = '' } = await execa(command as string, args, { ...installing, cwd: root })
    const installed = onThisMachine()
    if (installed) return { browser: browserAt(installed) }
    reasons.push(failed ? (shortMessage.split('\n')[0] as string) : `${command} installed none`)
  }
  return { missing: `no Chromium on this machine (${named} says where one is): ${reasons.join('; ')}` }
}

function onThisMachine(): string | undefined {
  const given = variables.flatMap((name) => process.env[name] ?? [])
  const inPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...given, ...inPath, ...elsewhere, ...ofPlaywright()].find((file) => existsSync(file))
}

/** The paths where Playwright installs its own. */
function ofPlaywright(): string[] {
  try {
    const require = createRequire(join(root, 'packages/playwright-reporter/package.json'))
    return [require('@playwright/test').chromium.executablePath()]
  } catch {
    return []
  }
}

/** The ways to install one. Debian's packages only in CI, as root. */
function installations(): string[][] {
  const playwright = ['npx', 'playwright', 'install', 'chromium']
  const isRoot = process.env.CI !== undefined && process.getuid?.() === 0
  return isRoot ? [playwright, ['apt-get', 'update'], ['apt-get', 'install', '-y', 'chromium']] : [playwright]
}

const installing = { timeout: 300_000, reject: false, preferLocal: true, stdin: 'ignore' } as const

function browserAt(executablePath: string): Browser {
  return { executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] }
}

if (import.meta.main) {
  const answer = await getChromium()
  console.log('browser' in answer ? answer.browser.executablePath : answer.missing)
  process.exitCode = 'browser' in answer ? 0 : 1
}

/** The names of configuration files, and the errors for a file that is not used. */
import { existsSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'

const extensions = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml']
export const configFiles = extensions.map((extension) => `dustpan.config.${extension}`)

/** Names that other tools use, or that a user may expect to work. */
const otherFiles = [
  ...['cts', 'toml', 'jsonc', 'json5'].map((extension) => `dustpan.config.${extension}`),
  ...['', ...extensions, 'cts', 'toml', 'jsonc', 'json5'].map(
    (extension) => `.dustpanrc${extension && `.${extension}`}`,
  ),
]

/** For each format: the condition for being read, and a minimal content. */
const module = {
  must: 'The file must export the configuration (export default defineConfig({ … })), and load on its own.',
  least: 'Write export default defineConfig({}), or delete the file.',
}
const yaml = {
  must: 'The file must be YAML with at least one option, such as environment: local.',
  least: 'Write environment: local, or delete the file.',
}
const formats: Readonly<Record<string, typeof module>> = {
  '.json': {
    must: 'The file must be JSON, without comments.',
    least: 'Write { "environment": "local" }, or delete the file.',
  },
  '.yaml': yaml,
  '.yml': yaml,
}

/** @throws DustpanError `DUSTPAN_CONFIG_UNREADABLE` */
export function unreadable(cause: unknown): never {
  const file = (cause as { filepath?: string }).filepath
  throw new DustpanError(
    'DUSTPAN_CONFIG_UNREADABLE',
    `${file === undefined ? 'The configuration' : file + lineIn(cause as Error, file)} could not be read: ${withoutExcerpt(messageOf(cause))}`,
    { hint: installHint(cause) ?? formats[extname(file ?? '')]?.must ?? module.must, cause },
  )
}

/** YAML errors quote the lines with a caret below; on one line it would point at nothing. */
const withoutExcerpt = (message: string): string =>
  message.replace(/\n\n *\d+ \|[\s\S]*$/, '').replace(/\s*\n\s*/g, ' ')

/** `:3`, if the stack has the line. */
function lineIn({ stack = '' }: Partial<Error>, file: string): string {
  const [, after = ''] = stack.split(`${file}:`)
  const [line] = /^\d+/.exec(after) ?? []
  return line === undefined ? '' : `:${line}`
}

/** The fix when the file imports a package that is not installed. */
function installHint(cause: unknown): string | undefined {
  const [, name] = /Cannot find (?:package|module) '((?:@[\w.-]+\/)?\w[\w.-]*)/.exec(messageOf(cause)) ?? []
  return name && `Install it: npm install --save-dev ${name}`
}

/** The configuration files in the nearest folder that has any, in order of precedence. */
export function nearestFiles(folder: string): readonly string[] {
  const here = configFiles.filter((name) => existsSync(join(folder, name)))
  if (here.length > 0)
    return here.filter((name) => !here.some((source) => isCompiled(name, source))).map((name) => join(folder, name))
  return dirname(folder) === folder ? [] : nearestFiles(dirname(folder))
}

/** Whether TypeScript compiled `name` from `source`. */
const isCompiled = (name: string, source: string): boolean =>
  name.endsWith('js') && source === name.replace(/js$/, 'ts')

/**
 * An existing file is never ignored silently: it may name the environment, or protect resources.
 * @throws DustpanError `DUSTPAN_CONFIG_UNREADABLE`
 */
export function checkIgnored(found: string | undefined, near: readonly string[]): void {
  const [first] = near
  if (first === undefined) return
  if (found?.startsWith(join(dirname(first), '/')) && dirname(found) !== dirname(first)) return
  const isBeside = found !== undefined && dirname(found) === dirname(first)
  const all = isBeside ? [...new Set([...(basename(found) === 'package.json' ? [found] : []), ...near])] : near
  if (all.length > 1) throw severalFiles(all)
  if (!isBeside) throw emptyFile(first)
}

/**
 * The same for names that are not read, up to the folder of the configuration, or to the root.
 * @throws DustpanError `DUSTPAN_CONFIG_UNREADABLE`
 */
export function checkOtherNames(folder: string, upTo: string | undefined): void {
  const other = otherFiles.find((name) => existsSync(join(folder, name)))
  if (other !== undefined) throw otherName(join(folder, other))
  if (folder !== upTo && dirname(folder) !== folder) checkOtherNames(dirname(folder), upTo)
}

function otherName(file: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_CONFIG_UNREADABLE',
    `${file} is not read: it is not a recognised config file name.`,
    {
      hint: `Rename it, or delete it. Names: ${configFiles.join(', ')}.`,
    },
  )
}

function severalFiles(files: readonly string[]): DustpanError {
  const names = files.map((file) => basename(file)).join(' and ')
  return new DustpanError(
    'DUSTPAN_CONFIG_UNREADABLE',
    `There is more than one configuration in ${dirname(files[0] as string)}: ${names}.`,
    { hint: 'Keep one of them, so that it is clear which one applies.' },
  )
}

function emptyFile(file: string): DustpanError {
  const hint = (formats[extname(file)] ?? module).least
  return new DustpanError(
    'DUSTPAN_CONFIG_UNREADABLE',
    `${file} has no configuration: it is empty, or has no default export.`,
    {
      hint,
    },
  )
}

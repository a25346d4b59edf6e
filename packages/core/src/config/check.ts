/** Validates a raw configuration and returns the settings, or throws one clear message. */
import type { z } from 'zod'
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact, secretName } from '../errors/redact.ts'
import { checkUrls } from './check-urls.ts'
import { isEnvValue, resolveEnv } from './env.ts'
import { type CheckedConfig, configSchema } from './schema.ts'
import type { Settings } from './settings.ts'
import { type ConfigSource, settingsOf } from './settings-of.ts'

/**
 * Checks a configuration and fills in the defaults.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID`, `DUSTPAN_ENV_MISSING`: with the option's path, what was expected and what was found.
 */
export function checkConfig(raw: unknown, source: ConfigSource): Settings {
  const where = source.file ?? 'the configuration'
  checkAccessKey(raw, where)
  const missing: { path: string; name: string }[] = []
  const resolved = resolveEnv(withoutSchema(raw ?? {}), missing, source.environment)
  if (missing.length > 0) throw missingVariables(missing, where)
  const result = configSchema.safeParse(resolved)
  if (!result.success) throw invalid(result.error.issues, raw, where)
  checkNames(result.data, where)
  checkUrls(result.data, where)
  return settingsOf(result.data, source)
}

/** `$schema` is for editors only. */
function withoutSchema(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('$schema' in raw)) return raw
  const { $schema: _, ...config } = raw
  return config
}

function checkNames({ drivers }: CheckedConfig, where: string): void {
  drivers.forEach(({ name }, i) => {
    if (drivers.findIndex((other) => other.name === name) === i) return
    throw new DustpanError(
      'DUSTPAN_CONFIG_INVALID',
      `drivers[${i}].name in ${where}: ${JSON.stringify(name)} is used twice.`,
      {
        hint: 'Give each driver instance its own name: records use it to find the driver that removes them.',
      },
    )
  })
}

/** A key in the file could be read by others, and would apply to every environment; each environment has its own. */
function checkAccessKey(raw: unknown, where: string): void {
  const key = (raw as { access?: { key?: unknown } } | null | undefined)?.access?.key
  if (key === undefined || (isEnvValue(key) && key.default === undefined)) return
  throw new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `${where} is wrong: access.key: expected env('NAME') without a default, found ${isEnvValue(key) ? 'a default' : 'the key itself'}.`,
    { hint: 'Set it through an environment variable: it is a secret, and each environment has its own.' },
  )
}

function missingVariables(missing: { path: string; name: string }[], where: string): DustpanError {
  const list = missing.map(({ path, name }) => `${path} (${name})`).join(', ')
  return new DustpanError(
    'DUSTPAN_ENV_MISSING',
    `${where} takes values from environment variables that are not set: ${list}.`,
    {
      hint: "Set them, or give a default: env('NAME', 'default').",
    },
  )
}

function invalid(issues: readonly z.core.$ZodIssue[], raw: unknown, where: string): DustpanError {
  const lines = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${pathOf([...issue.path, key])}: ${expected(issue)}`)
    return `${pathOf(issue.path)}: ${expected(issue)}, found ${found(raw, issue.path)}`
  })
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `${where} is wrong: ${lines.join('; ')}.`, {
    hint: 'The options are described in docs/configuration.md.',
  })
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(top)'
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

/** Zod's messages name the expected value first; its own account of the received value is cut off. */
const expected = ({ message }: z.core.$ZodIssue): string =>
  message.replace(/^Invalid \w+: /, '').replace(/, received .*$/, '')

/** From the raw configuration, where environment variables are not resolved yet: their values may be secrets. */
function found(raw: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part], raw)
  if (value === undefined || value === null) return 'nothing'
  if (isEnvValue(value)) return `the value of ${value.env}`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object'
  return mayHoldSecrets(path) ? `a ${typeof value}` : redact(JSON.stringify(value).slice(0, 80))
}

function mayHoldSecrets([section, ...parts]: readonly PropertyKey[]): boolean {
  return section !== 'metadata' && parts.some((part) => secretPlace.test(String(part)))
}

const secretPlace = new RegExp(`^(?:options|headers|body|url|${secretName})$`, 'i')

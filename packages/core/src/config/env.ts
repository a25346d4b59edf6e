/** A value read from the environment when the configuration is loaded. */
export interface EnvValue {
  readonly env: string
  readonly default?: string
}

/**
 * An option whose value comes from an environment variable, so that no secret is in the file.
 * In YAML and JSON: `{ env: DATABASE_URL }`.
 */
export function env(name: string, otherwise?: string): EnvValue {
  return otherwise === undefined ? { env: name } : { env: name, default: otherwise }
}

export function isEnvValue(value: unknown): value is EnvValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { env: name, default: otherwise, ...rest } = value as Record<string, unknown>
  return (
    typeof name === 'string' &&
    (otherwise === undefined || typeof otherwise === 'string') &&
    Object.keys(rest).length === 0
  )
}

/** Replaces every `env()` in a tree by its value, and adds the path of each unset variable to `missing`. */
export function resolveEnv(
  tree: unknown,
  missing: { path: string; name: string }[],
  environment: NodeJS.ProcessEnv,
  path = '',
): unknown {
  if (isEnvValue(tree)) {
    const value = environment[tree.env] ?? tree.default
    if (value === undefined) missing.push({ path, name: tree.env })
    return value
  }
  if (Array.isArray(tree)) return tree.map((item, i) => resolveEnv(item, missing, environment, `${path}[${i}]`))
  if (typeof tree === 'object' && tree !== null && Object.getPrototypeOf(tree) === Object.prototype) {
    const entries = Object.entries(tree).map(([key, value]) => [
      key,
      resolveEnv(value, missing, environment, path === '' ? key : `${path}.${key}`),
    ])
    return Object.fromEntries(entries)
  }
  return tree
}

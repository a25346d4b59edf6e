/** Where the application runs, and whether it is told so by something that differs from deployment to deployment. */
export type Environment = 'local' | 'test' | 'staging' | 'production'

const names: Readonly<Record<string, Environment>> = {
  local: 'local',
  development: 'local',
  test: 'test',
  staging: 'staging',
}

/**
 * `DUSTPAN_ENVIRONMENT`, else what the code says, else `NODE_ENV`. What is not known, and not named at all, is production; so is what
 * the code calls that, and `NODE_ENV=production` unless `DUSTPAN_ENVIRONMENT` says otherwise: code reaches every deployment alike.
 */
export function environmentOf(given: string | undefined, variables: NodeJS.ProcessEnv = process.env): Environment {
  if (given !== undefined && named(given) === 'production') return 'production'
  const { DUSTPAN_ENVIRONMENT: deployment, NODE_ENV: node } = variables
  if (deployment) return named(deployment)
  return node === 'production' ? 'production' : named(given ?? node ?? '')
}

const named = (name: string): Environment => (Object.hasOwn(names, name) ? names[name] : undefined) ?? 'production'

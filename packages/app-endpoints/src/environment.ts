/** Determines where the application runs. */
export type Environment = 'local' | 'test' | 'staging' | 'production'

const names: Readonly<Record<string, Environment>> = {
  local: 'local',
  development: 'local',
  test: 'test',
  staging: 'staging',
}

/**
 * `DUSTPAN_ENVIRONMENT`, else the option, else `NODE_ENV`. An unknown or missing name means production. The option `production`
 * always wins, and `NODE_ENV=production` is overridden by `DUSTPAN_ENVIRONMENT` only: an option in code is the same in every
 * deployment.
 */
export function environmentOf(given: string | undefined, variables: NodeJS.ProcessEnv = process.env): Environment {
  if (given !== undefined && knownEnvironment(given) === 'production') return 'production'
  const { DUSTPAN_ENVIRONMENT: deployment, NODE_ENV: node } = variables
  if (deployment) return knownEnvironment(deployment)
  return node === 'production' ? 'production' : knownEnvironment(given ?? node ?? '')
}

const knownEnvironment = (name: string): Environment =>
  (Object.hasOwn(names, name) ? names[name] : undefined) ?? 'production'

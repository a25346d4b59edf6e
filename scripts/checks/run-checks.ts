/** Resolves to the findings; empty when everything is fine. */
export type Check = (options: CheckOptions) => Promise<string[]>

export interface CheckOptions {
  /** Rewrites committed, derived files (the export lists) instead of comparing them. */
  update: boolean
}

/** Runs every check and prints a line with its findings for each. Resolves to whether there were none. */
export async function runChecks(checks: Record<string, Check>, options: CheckOptions): Promise<boolean> {
  let clean = true
  for (const [name, check] of Object.entries(checks)) {
    const started = performance.now()
    const findings = await check(options).catch((error) => [error instanceof Error ? error.message : String(error)])
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${findings.length === 0 ? '✓' : '✗'} ${name} (${seconds} s)`)
    for (const finding of findings) console.log(finding.replace(/^/gm, '    '))
    clean &&= findings.length === 0
  }
  return clean
}

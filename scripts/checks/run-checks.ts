/** Gives what is wrong, a string for each finding; nothing when all is well. */
export type Check = (options: CheckOptions) => Promise<string[]>

export interface CheckOptions {
  /** Rewrite what is committed and derived (the export lists) in place of comparing it. */
  update: boolean
}

/** Runs every check, whatever the others find: a line for each, and what was found under it. Tells whether nothing was. */
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

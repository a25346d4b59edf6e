import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { scratchFolder } from '../settings.ts'

/** Mounts an overlay file system, as containers have, over the files that `fill` creates, until the test ends.
 * Returns the reason if it is not allowed. */
export function mountOverlay(
  fill: (lower: string) => void,
): { readonly folder: string } | { readonly missing: string } {
  const place = scratchFolder()
  const [lower, upper, work, folder] = ['lower', 'upper', 'work', 'merged'].map((name) => join(place, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const one of [lower, upper, work, folder]) mkdirSync(one)
  fill(lower)
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
  try {
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', options, folder], { stdio: 'pipe' })
  } catch (error) {
    return { missing: `an overlay cannot be mounted here: ${String((error as Error).message).split('\n')[0]}` }
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]))
  return { folder }
}

/** Attaches a test's cleanup report, so that Playwright's HTML, JSON and JUnit reporters show it. */
import { type CleanupReport, leftBehind, type Verdict } from '@dustpan/core/worker'
import type { TestInfo } from '@playwright/test'

/** Attaches nothing to a passed test that left nothing behind. */
export async function attachReport(info: TestInfo, report: CleanupReport, verdict: Verdict): Promise<void> {
  const description = leftBehind(report)
  if (description === undefined && verdict !== 'failed') return
  if (description !== undefined) info.annotations.push({ type: 'dustpan', description })
  // Loaded only when it is needed.
  const { renderText } = await import('@dustpan/core/ledger')
  const text = renderText(report, { color: false, width: 120 })
  info.attachments.push(
    { name: 'dustpan.txt', contentType: 'text/plain', body: Buffer.from(text) },
    { name: 'dustpan.json', contentType: 'application/json', body: Buffer.from(JSON.stringify(report, null, 2)) },
  )
}

import { chromium } from '@dustpan/conformance/html-report'

export { chromium }

/** For the `use` of a configuration. */
export const launchOptions = `launchOptions: ${JSON.stringify(chromium ?? {})}`

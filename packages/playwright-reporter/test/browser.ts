import { chromium } from '@dustpan/conformance/html-report'

export { chromium }

/** Launch options for `use` in a configuration. */
export const launchOptions = `launchOptions: ${JSON.stringify(chromium ?? {})}`

/** A URL as reports may show it: what is secret by its name is not there. */
export function redactUrl(url: string): string {
  return url
    .replace(
      /([?&][^=&#]*(?:token|key|secret|passw|auth|session|signature|credential)[^=&#]*=)[^&#]*/gi,
      '$1[redacted]',
    )
    .replace(/(\/\/)[^/@]*@/, '$1')
}

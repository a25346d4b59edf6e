/** English plurals as used in paths and table names. */

export function singular(noun: string): string {
  if (/(ss|us|is|news|series|data)$/i.test(noun) || noun.length < 4) return noun
  if (/ies$/i.test(noun)) return noun.replace(/ies$/i, 'y')
  if (/(ches|shes|xes|sses|statuses)$/i.test(noun)) return noun.slice(0, -2)
  return noun.replace(/s$/i, '')
}

export const isPlural = (noun: string): boolean => singular(noun) !== noun

/** The collection's name for a type of which nothing else is known. */
export function plural(noun: string): string {
  if (isPlural(noun)) return noun
  if (/[^aeiou]y$/i.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(s|x|ch|sh|z)$/i.test(noun) ? `${noun}es` : `${noun}s`
}

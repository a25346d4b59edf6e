/** `1 resource`, `3,000 resources`. */
export const counted = (count: number, noun = 'resource'): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

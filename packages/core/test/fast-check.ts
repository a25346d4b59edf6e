import fc from 'fast-check'

// Every run tries the same; others are tried on purpose.
fc.configureGlobal({ seed: Number(process.env.DUSTPAN_FUZZ_SEED ?? 1) })

export default fc

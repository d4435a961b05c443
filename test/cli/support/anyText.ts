import fc from 'fast-check';

/** Texts rich in what a terminal would act on. */
export const fragment = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\u001b[2J', '\u009b', '\u202e', '\r\n', '\u0007', '\u{e0041}', '\u2060', '\t', '\ud800', '`'),
    ),
  )
  .map((parts) => parts.join(''));

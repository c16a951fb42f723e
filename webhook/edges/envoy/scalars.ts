import type { ScalarTag } from 'yaml';

/*
 * Envoy reads a plain scalar as null, as a boolean of YAML 1.1, as an integer in C's notation, and everything else,
 * fractions included, as its text (Envoy's `source/common/protobuf/yaml_utility.cc`, yaml-cpp's `convert.h`). Reading it
 * otherwise would change what a copy says: `1.10` is not `1.1` where it names a version.
 */

const MIN_INT32 = -(2n ** 31n);
const MAX_INT32 = 2n ** 31n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

const nothing: ScalarTag = {
  identify: (value) => value === null,
  default: true,
  tag: 'tag:yaml.org,2002:null',
  test: /^(?:~|[Nn]ull|NULL)?$/,
  resolve: () => null,
};

const truth: ScalarTag = {
  identify: (value) => typeof value === 'boolean',
  default: true,
  tag: 'tag:yaml.org,2002:bool',
  test: /^(?:[YyNn]|[Yy]es|YES|[Nn]o|NO|[Tt]rue|TRUE|[Ff]alse|FALSE|[Oo]n|ON|[Oo]ff|OFF)$/,
  resolve: (text) => /^(?:[Yy]|[Tt]rue|TRUE|[Oo]n|ON)/.test(text),
};

const integer: ScalarTag = {
  identify: (value) => typeof value === 'number',
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/,
  resolve: (text) => integerOf(text),
};

/** The scalars that Envoy does not take as text, for the YAML library. */
export const ENVOY_SCALARS: ScalarTag[] = [nothing, truth, integer];

/** A number of 32 bits, or the decimal text of a longer one, as protobuf's JSON has it. */
function integerOf(text: string): number | string {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits);
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  const value = negative ? -size : size;
  if (value >= MIN_INT32 && value <= MAX_INT32) return Number(value);
  return value >= MIN_INT64 && value <= MAX_INT64 ? String(value) : text;
}

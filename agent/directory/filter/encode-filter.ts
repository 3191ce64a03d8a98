import {
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  ExtensibleFilter,
  type Filter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
} from 'ldapts';
import type { LdapFilter } from './parse-filter.ts';

/** Makes the filter that ldapts writes into a request. */
export function encodeFilter(filter: LdapFilter): Filter {
  switch (filter.kind) {
    case 'and':
      return new AndFilter({ filters: filter.parts.map(encodeFilter) });
    case 'or':
      return new OrFilter({ filters: filter.parts.map(encodeFilter) });
    case 'not':
      return new NotFilter({ filter: encodeFilter(filter.part) });
    case 'present':
      return new PresenceFilter({ attribute: filter.attribute });
    case 'equal':
      return new EqualityFilter({ attribute: filter.attribute, value: filter.value });
    case 'atLeast':
      return new GreaterThanEqualsFilter({ attribute: filter.attribute, value: filter.value });
    case 'atMost':
      return new LessThanEqualsFilter({ attribute: filter.attribute, value: filter.value });
    case 'approximate':
      return new ApproximateFilter({ attribute: filter.attribute, value: filter.value });
    case 'substrings':
      return new SubstringFilter({ attribute: filter.attribute, initial: filter.initial, any: [...filter.any], final: filter.final });
    case 'extensible':
      break;
  }
  return new ExtensibleFilter({
    matchType: filter.attribute,
    rule: filter.rule,
    dnAttributes: filter.dnAttributes,
    value: filter.value,
  });
}

import { RollcallError } from '../../core/errors.ts';
import type { OverlayAsset } from '../../core/model/contact.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Documentation, OverlayWrite } from '../../core/ports/documentation.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { ItGlueApi } from './api.ts';
import { answeredIds, compareIds } from './contacts.ts';
import { idToJson, tryParseJson } from './json.ts';
import { readList } from './list.ts';
import type { OverlayTypeCalls } from './overlay-type.ts';
import { type AssetResource, assetResource, bulkDocument, singleDocument } from './schema.ts';
import { foreignTraits, type Traits, toOverlay, toTraits } from './traits.ts';
import { refused, sortAnswer, unknown } from './write-answer.ts';

/** Whether IT Glue carries a bulk write out as a whole or in part is not documented; fifty can be looked through again. */
export const overlayBulkSize = 50;

type OverlayCalls = Pick<Documentation, 'listOverlays' | 'createOverlays' | 'updateOverlays' | 'deleteOverlays'>;

export function createOverlayCalls(api: ItGlueApi, types: OverlayTypeCalls): OverlayCalls {
  // As last read: an update has to send the traits of others along.
  const traitsOf = new Map<string, Traits>();

  function remember(resource: AssetResource): OverlayAsset {
    traitsOf.set(resource.id, resource.attributes.traits);
    return toOverlay(resource);
  }

  async function currentTraits(id: string): Promise<Traits | null> {
    const known = traitsOf.get(id);
    if (known !== undefined) {
      return known;
    }
    const { answer, json } = await api.read(`/flexible_assets/${encodeURIComponent(id)}`, {}, { missing: 'allowed' });
    const parsed = singleDocument.safeParse(json);
    const resource = answer.status === 404 || !parsed.success ? null : assetResource.safeParse(parsed.data.data);
    return resource?.success === true && resource.data.id === id ? resource.data.attributes.traits : null;
  }

  return {
    async listOverlays(organization, typeId, onProgress) {
      const assets = await readList(api, {
        path: '/flexible_assets',
        query: { 'filter[flexible-asset-type-id]': typeId, 'filter[organization-id]': organization },
        // The route does not sort by id. Assets that were made together share a moment, hence the name.
        sort: 'created_at,name',
        parseRow: (row) => parseAsset(row, organization, typeId),
        id: ({ id }) => id,
        newest: {
          sort: '-created_at',
          isNewer: (asset, newest) => (asset.attributes['created-at'] ?? 0) > (newest.attributes['created-at'] ?? Number.POSITIVE_INFINITY),
        },
        onProgress,
      });
      return assets.map(remember).toSorted((a, b) => compareIds(a.id, b.id));
    },

    async createOverlays(organization, typeId, writes): Promise<WriteOutcome<readonly OverlayAsset[]>> {
      if (writes.length === 0) {
        return { kind: 'done', value: [] };
      }
      const path = `/organizations/${encodeURIComponent(organization)}/relationships/flexible_assets`;
      const data = writes.map((write) => ({
        type: 'flexible-assets',
        attributes: { 'flexible-asset-type-id': idToJson(typeId), traits: toTraits(write) },
      }));
      const sorted = bulkAnswer(sortAnswer(await api.write('POST', path, { data }), namesOf(writes)), writes.length);
      if (sorted.kind !== 'accepted') {
        return sorted;
      }
      const resources = parseAnswer(sorted.answer.text, organization, typeId);
      const assets = resources?.map(toOverlay) ?? [];
      if (!pairsUp(writes, assets)) {
        return unknown(`the answer does not show one asset for each of ${writes.length} contacts`);
      }
      return { kind: 'done', value: (resources ?? []).map(remember) };
    },

    async updateOverlays(typeId, writes): Promise<WriteOutcome<readonly string[]>> {
      if (writes.length === 0) {
        return { kind: 'done', value: [] };
      }
      const kinds = await types.foreignKinds(typeId);
      const data: unknown[] = [];
      const ids: string[] = [];
      const obstacles: string[] = [];
      for (const write of writes) {
        const traits = await currentTraits(write.id);
        const foreign = traits === null ? { obstacle: 'it is not there' } : foreignTraits(traits, kinds);
        if ('obstacle' in foreign) {
          obstacles.push(`asset ${write.id}: ${foreign.obstacle}`);
          continue;
        }
        ids.push(write.id);
        data.push({ type: 'flexible-assets', attributes: { id: idToJson(write.id), traits: { ...foreign.traits, ...toTraits(write) } } });
      }
      if (ids.length === 0) {
        return refused(obstacles.join('; '));
      }
      const sorted = bulkAnswer(sortAnswer(await api.write('PATCH', '/flexible_assets', { data }), namesOf(writes)), ids.length);
      for (const id of ids) {
        // Whatever the answer: what was read before is no longer what is there.
        traitsOf.delete(id);
      }
      if (sorted.kind !== 'accepted') {
        return sorted;
      }
      const resources = parseAnswer(sorted.answer.text, null, typeId) ?? [];
      const answered = new Map(resources.map((resource) => [resource.id, resource]));
      if (!writes.filter(({ id }) => ids.includes(id)).every((write) => holds(answered.get(write.id), write))) {
        return unknown(`the answer does not show ${ids.length} updated assets`);
      }
      resources.forEach(remember);
      return { kind: 'done', value: ids };
    },

    async deleteOverlays(ids): Promise<WriteOutcome<readonly string[]>> {
      if (ids.length === 0) {
        return { kind: 'done', value: [] };
      }
      const data = ids.map((id) => ({ type: 'flexible-assets', attributes: { id: idToJson(id) } }));
      const sorted = bulkAnswer(sortAnswer(await api.write('DELETE', '/flexible_assets', { data })), ids.length);
      if (sorted.kind !== 'accepted') {
        return sorted;
      }
      const answered = answeredIds(tryParseJson(sorted.answer.text));
      return answered !== null && ids.every((id) => answered.has(id))
        ? { kind: 'done', value: [...ids] }
        : unknown('the answer to the delete does not name all the assets');
    },
  };
}

/** A refusal of several records does not say that none of them was written. */
function bulkAnswer<Sorted extends ReturnType<typeof sortAnswer>>(sorted: Sorted, size: number): Sorted | ReturnType<typeof unknown> {
  return sorted.kind === 'refused' && size > 1 ? unknown(`a request with ${size} assets was refused: ${sorted.reason}`) : sorted;
}

function namesOf(writes: readonly OverlayWrite[]): readonly string[] {
  return writes.map(({ name }) => name);
}

function parseAsset(row: unknown, organization: OrganizationId | null, typeId: string): AssetResource {
  const parsed = assetResource.safeParse(row);
  if (!parsed.success) {
    throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: a record in the place of a flexible asset has no id or no attributes.');
  }
  const attributes = parsed.data.attributes;
  if (attributes['flexible-asset-type-id'] !== typeId || (organization !== null && attributes['organization-id'] !== organization)) {
    throw new RollcallError('ITGLUE_FILTER_IGNORED', 'IT Glue: a flexible asset is of another organization or type than was asked for.', {
      place: { asset: parsed.data.id, assetOrganization: attributes['organization-id'], assetType: attributes['flexible-asset-type-id'] },
    });
  }
  return parsed.data;
}

/** The assets of the answer to a bulk write; `null` when it is anything else. */
function parseAnswer(text: string, organization: OrganizationId | null, typeId: string): readonly AssetResource[] | null {
  const parsed = bulkDocument.safeParse(tryParseJson(text));
  try {
    return parsed.success ? parsed.data.data.map((row) => parseAsset(row, organization, typeId)) : null;
  } catch {
    return null;
  }
}

function pairsUp(writes: readonly OverlayWrite[], assets: readonly OverlayAsset[]): boolean {
  const tagged = assets.map(({ contactIds }) => contactIds.join(','));
  const wanted = writes.map(({ contactId }) => contactId);
  return (
    JSON.stringify(tagged.toSorted()) === JSON.stringify(wanted.toSorted()) && new Set(assets.map(({ id }) => id)).size === writes.length
  );
}

function holds(resource: AssetResource | undefined, write: OverlayWrite): boolean {
  if (resource === undefined) {
    return false;
  }
  const { values } = toOverlay(resource);
  const { adStatus, lastLogon, lastPasswordReset, passwordExpires } = write.values;
  return (
    values.adStatus === adStatus &&
    values.lastLogon === lastLogon &&
    values.lastPasswordReset === lastPasswordReset &&
    values.passwordExpires === passwordExpires
  );
}

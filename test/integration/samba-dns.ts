/** The records of Samba's own name server lie in the directory, as dnsRecord values (MS-DNSP 2.3.2.2). */

/** One domain controller as DNS shows it. */
export interface DnsServerEntry {
  /** `dc1` */
  readonly name: string;
  readonly site: string;
  readonly priority: number;
  readonly weight: number;
}

/** A node of a zone with what DNS is to answer for it. */
export interface DnsNode {
  readonly dn: string;
  readonly records: readonly Buffer[];
}

const recordTypes = { address: 1, service: 33 } as const;
const timeToLiveSeconds = 900;
const zoneRank = 0xf0;

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt16LE(data.length, 0);
  head.writeUInt16LE(type, 2);
  head.writeUInt8(5, 4);
  head.writeUInt8(zoneRank, 5);
  head.writeUInt32LE(1, 8);
  head.writeUInt32BE(timeToLiveSeconds, 12);
  return Buffer.concat([head, data]);
}

function addressRecord(address: string): Buffer {
  return record(recordTypes.address, Buffer.from(address.split('.').map(Number)));
}

function serviceRecord(host: string, port: number, { priority, weight }: Pick<DnsServerEntry, 'priority' | 'weight'>): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(priority, 0);
  numbers.writeUInt16BE(weight, 2);
  numbers.writeUInt16BE(port, 4);
  const labels = host.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const name = Buffer.concat([...labels, Buffer.from([0])]);
  return record(recordTypes.service, Buffer.concat([numbers, Buffer.from([name.length, labels.length]), name]));
}

/** Where the nodes of a domain's two zones lie. */
function zonesOf(domain: string, base: string): { readonly domainZone: string; readonly forestZone: string } {
  return {
    domainZone: `DC=${domain},CN=MicrosoftDNS,DC=DomainDnsZones,${base}`,
    forestZone: `DC=_msdcs.${domain},CN=MicrosoftDNS,DC=ForestDnsZones,${base}`,
  };
}

/** What tells where the domain's controllers are (MS-ADTS 6.3.2.3), as far as LDAP is concerned. */
export function serviceNodes(domain: string, base: string, servers: readonly DnsServerEntry[]): readonly DnsNode[] {
  const { domainZone, forestZone } = zonesOf(domain, base);
  function node(zone: string, name: string, port: number, of: readonly DnsServerEntry[]): DnsNode {
    return { dn: `DC=${name},${zone}`, records: of.map((server) => serviceRecord(`${server.name}.${domain}`, port, server)) };
  }
  const sites = [...new Set(servers.map(({ site }) => site))];
  return [
    node(domainZone, '_ldap._tcp', 389, servers),
    node(domainZone, '_gc._tcp', 3268, servers),
    node(forestZone, '_ldap._tcp.dc', 389, servers),
    node(forestZone, '_ldap._tcp.gc', 3268, servers),
    node(forestZone, '_ldap._tcp.pdc', 389, servers.slice(0, 1)),
    ...sites.flatMap((site) => {
      const inside = servers.filter((server) => server.site === site);
      return [
        node(domainZone, `_ldap._tcp.${site}._sites`, 389, inside),
        node(forestZone, `_ldap._tcp.${site}._sites.dc`, 389, inside),
        node(forestZone, `_ldap._tcp.${site}._sites.gc`, 3268, inside),
      ];
    }),
  ];
}

/** The nodes that hold addresses: one for each controller, and one for the domain with all of them. */
export function addressNodes(domain: string, base: string, addresses: Readonly<Record<string, string>>): readonly DnsNode[] {
  const { domainZone } = zonesOf(domain, base);
  const own = Object.entries(addresses).map(([name, address]) => ({ dn: `DC=${name},${domainZone}`, records: [addressRecord(address)] }));
  return [...own, { dn: `DC=@,${domainZone}`, records: Object.values(addresses).map(addressRecord) }];
}

/** LDIF that sets the records of nodes, or adds the nodes. */
export function recordsLdif(nodes: readonly DnsNode[], existing: ReadonlySet<string>): string {
  return nodes
    .map((node) => {
      const change = existing.has(node.dn.toLowerCase()) ? ['changetype: modify', 'replace: dnsRecord'] : ['objectClass: dnsNode'];
      return [`dn: ${node.dn}`, ...change, ...valueLines(node), ''].join('\n');
    })
    .join('\n');
}

/** LDIF that adds records to a node. */
export function addRecordsLdif(node: DnsNode): string {
  return [`dn: ${node.dn}`, 'changetype: modify', 'add: dnsRecord', ...valueLines(node), ''].join('\n');
}

/** LDIF that takes old addresses from nodes and puts new ones there; what else the nodes hold stays. */
export function addressChangesLdif(before: readonly DnsNode[], after: readonly DnsNode[]): string {
  return before
    .map((node, index) => {
      const fresh = valueLines(after[index] ?? node);
      return [`dn: ${node.dn}`, 'changetype: modify', 'delete: dnsRecord', ...valueLines(node), '-', 'add: dnsRecord', ...fresh, ''].join(
        '\n',
      );
    })
    .join('\n');
}

function valueLines({ records }: DnsNode): readonly string[] {
  return records.map((value) => `dnsRecord:: ${value.toString('base64')}`);
}

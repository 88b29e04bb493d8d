/** Regions of the vendor's DCS SDKs (`DcsRegion`); another one needs `DCS_ENDPOINT`. */
export const DCS_REGIONS: readonly string[] = [
  ...['ae-ad-1', 'af-south-1', 'me-east-1', 'tr-west-1'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5'],
  ...['cn-east-2', 'cn-east-3', 'cn-east-4', 'cn-east-5', 'cn-north-1', 'cn-north-2', 'cn-north-4'],
  ...['cn-north-9', 'cn-north-12', 'cn-south-1', 'cn-south-2', 'cn-southwest-2'],
  ...['eu-west-0', 'eu-west-101', 'la-north-2', 'la-south-2', 'my-kualalumpur-1', 'na-mexico-1'],
  ...['ru-moscow-1', 'ru-northwest-2', 'sa-brazil-1'],
];

/** Small files in the formats of the packages that the domains are made from. */
import { archiveFiles, type ReadSource } from '../../src/index.ts';

const encoder = new TextEncoder();

const archive = (files: Readonly<Record<string, string>>) =>
  archiveFiles('fixture', new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)])));

/** Lines of WordNet's noun file with every root that the recipes look for, and a few nouns below them. */
export const nouns = `  1 This is a notice.
00000001 26 n 01 disease 0 001 ~ 00000101 n 0000 | an impairment of health or a condition of abnormal functioning
00000002 26 n 01 ill_health 0 000 | a state in which you are unable to function normally and without pain
00000003 26 n 01 mental_disorder 0 000 | a psychological disorder of thought or emotion
00000004 26 n 01 symptom 0 000 | any sensation or change in bodily function that is experienced by a patient
00000005 26 n 01 disorder 0 000 | a physical condition in which there is a disturbance of normal functioning
00000006 04 n 01 medical_procedure 0 000 | a procedure employed by medical or dental practitioners
00000007 04 n 01 therapy 0 000 | the act of caring for someone (as by medication or remedial training etc.)
00000008 06 n 01 medicine 0 001 ~ 00000102 n 0000 | something that treats or prevents or alleviates the symptoms of disease
00000009 09 n 01 medicine 1 000 | the branches of medical science that deal with nonsurgical techniques
00000010 27 n 01 vitamin 0 000 | any of a group of organic substances essential in small quantities
00000011 08 n 01 hormone 0 000 | the secretion of an endocrine gland
00000012 06 n 01 vaccine 0 000 | immunogen consisting of a suspension of weakened cells
00000013 08 n 01 blood_cell 0 000 | either of two types of cells
00000014 27 n 01 antibody 0 000 | any of a large variety of proteins
00000015 18 n 01 health_professional 0 000 | a person who helps in identifying or preventing illness
00000016 06 n 01 medical_instrument 0 000 | instrument used in the practice of medicine
00000017 08 n 01 body_part 0 000 | any part of an organism such as an organ or extremity
00000018 09 n 01 pathology 0 000 | the branch of medical science that studies diseases
00000019 09 n 01 computer_science 0 000 | the branch of engineering science that studies computers
00000020 10 n 01 software 0 000 | written programs or procedures or rules
00000021 06 n 01 computer 0 000 | a machine for performing calculations automatically
00000022 10 n 01 programming_language 0 000 | a language designed for programming computers
00000101 26 n 02 asthma 0 bronchial_asthma 0 001 @ 00000001 n 0000 | respiratory disorder with wheezing; "he has asthma"
00000102 06 n 01 aspirin 0 001 @ 00000008 n 0000 | a medicine against pain
00000103 10 n 01 pixel 0 001 ;c 00000019 n 0000 | (computer science) the smallest part of an image
`;

const icd = `<diag><name>J45</name><desc>Asthma</desc></diag>
<diag><name>E11</name>
  <desc>Type 2 diabetes mellitus</desc></diag>
<diag><name>C50</name><desc>Malignant neoplasm of breast</desc></diag>
<diag><name>S00</name><desc>Superficial injury of head</desc></diag>
`;

const cwe = `CWE-ID,Name,Weakness Abstraction,Status,Description,Alternate Terms
79,"Improper Neutralization of Input ('Cross-site Scripting')",Base,Stable,"The product shows input, ""as is"". More.","::TERM:XSS:DESCRIPTION:An abbreviation.::"
1,Old,Base,Deprecated,Gone.,
`;

const compat = {
  css: { properties: { gap: feature({ chrome: '66', firefox: '61', safari: '12' }) } },
  html: { elements: { center: feature({ chrome: '40', firefox: '40', safari: '7' }, true) } },
};

function feature(versions: Readonly<Record<string, string>>, deprecated = false) {
  const support = Object.fromEntries(Object.entries(versions).map(([id, version]) => [id, { version_added: version }]));
  return { __compat: { status: { deprecated, experimental: false, standard_track: true }, support } };
}

const packages: Readonly<Record<string, ReturnType<typeof archive>>> = {
  wordnet: archive({ 'package/dict/data.noun': nouns }),
  'icd-10-cm': archive({ 'simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml': icd }),
  cwe: archive({ 'cwe2/database_v49/navigate_cwe/1000.csv': cwe }),
  statuses: archive({ 'package/codes.json': '{"404":"Not Found"}' }),
  linguist: archive({
    'package/data/Rust.js':
      "export default {\n  name: 'Rust',\n  type: 'programming',\n  extensions: ['.rs', '.rs.in'],\n}\n",
  }),
  'mime-db': archive({ 'package/db.json': '{"image/png":{"source":"iana","extensions":["png"]}}' }),
  spdx: archive({ 'package/spdx.json': '{"MIT":{"name":"MIT License","osiApproved":true}}' }),
  'mdn-data': archive({
    'package/css/properties.json': '{"color":{"initial":"canvastext","inherited":true,"status":"standard"}}',
  }),
  'browser-compat-data': archive({ 'package/data.json': JSON.stringify(compat) }),
};

/** Reads the fixtures in place of the pinned packages. */
export const readFixture: ReadSource = async (id) => {
  const files = packages[id];
  if (files === undefined) throw new RangeError(`no fixture of ${id}`);
  return files;
};

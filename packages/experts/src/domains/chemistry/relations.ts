/** How people ask for each relation of chemistry. Owns short phrases; benchmark phrasings are questions.ts's. */
import { readPhrases } from '../readers/phrases.ts';

/** Phrases by relation; `it` and `there` stand for the subject. */
export const CHEMISTRY_RELATIONS: Readonly<Record<string, readonly string[]>> = readPhrases(`
symbol: chemical symbol; abbreviation; letters in the periodic table; which element has this symbol;
  what is its chemical symbol; which letters stand for the element; how is the element abbreviated;
  what letter or letters does it have in the periodic table; which element is written like that;
  what element do these letters stand for; short form of the element; what does the symbol mean; chemical sign;
  element with the symbol
atomic-number: atomic number; number in the periodic table; which element has this number; what is its atomic number;
  what number is it in the periodic table; where does it stand in the periodic table;
  which element has this atomic number; which element is number so and so; position in the periodic table;
  its Z number; ordinal number of the element; what element comes at that number; element number
protons: number of protons; number of electrons; how many protons; how many protons does it have;
  number of protons in its nucleus; how many positive particles are in the nucleus;
  how many electrons does a neutral atom have; electrons in an atom of it; which element has so many protons;
  proton count; electron count of the neutral atom; nuclear charge
atomic-mass: atomic mass; atomic weight; relative atomic mass; how heavy is an atom; what is its atomic mass;
  what does an atom of it weigh; atomic weight in u; relative atomic mass Ar; mass of the atom in atomic mass units;
  how heavy is one atom of the element; standard atomic weight; how many grams does a mole of the element weigh;
  weight of the element in the table; mass number on the periodic table
group: group; column of the periodic table; in which group is it; what column of the periodic table is it in;
  which group does the element belong to; group number; vertical column; which family number;
  to what group of the periodic system does it belong; in which column would I find it;
  what group is the element a member of
period: period; row of the periodic table; in which period is it; what row of the periodic table is it in;
  which period does the element belong to; period number; horizontal row;
  in which line of the periodic table does it stand; in which row would I find it;
  how many electron shells does it have, its period; row number
block: block; s-block, p-block, d-block or f-block; in which block is it; is it an s, p, d or f element;
  which block of the periodic table does it belong to; subshell being filled; what block is the element from;
  block of the table; s-block or p-block; is it a d-block element; which orbital block
category: category; type of element; what kind of element; metal or nonmetal; what kind of element is it;
  is it a metal; is it a metal, nonmetal or metalloid; what family of elements does it belong to;
  is it a noble gas, halogen or alkali metal; class of element; what type of metal is it; sort of element;
  is it a transition metal; which chemical series does it belong to
state: state at room temperature; solid, liquid or gas; physical state;
  is it solid, liquid or gas at room temperature; what state of matter is it in;
  what phase is it in under normal conditions; physical state at 25 degrees; solid or liquid; is it a gas;
  is it liquid at room temp; aggregate state; in what form is it when it is not heated
melting-point: melting point; when does it melt; freezing point; melting temperature;
  at what temperature does it melt; how hot must it get to turn liquid; when does the solid become liquid;
  temperature at which it turns from solid to liquid; at how many degrees does it melt;
  what heat do you need to melt it; fusion temperature; when does it freeze; at what temperature does it solidify;
  freezing temperature in degrees; m.p.
boiling-point: boiling point; when does it boil; boiling temperature; sublimation; at what temperature does it boil;
  when does it become a gas; how hot must it get to turn into vapour; at how many degrees does it boil;
  temperature at which the liquid evaporates; when does it start to boil; vaporisation temperature;
  how hot to boil it; b.p.; at what temperature does it condense; turns to gas at
density: density; how dense; mass per volume; how dense is it; how heavy is a cubic centimetre of it;
  grams per cubic centimetre; what does a cubic centimetre weigh; how much does one litre weigh; mass per unit volume;
  does it float or sink in water; g/cm3; specific gravity; how heavy is it for its size; weight by volume
electron-configuration: electron configuration; arrangement of electrons; orbitals;
  what is its electron configuration; how are its electrons arranged;
  how are the electrons distributed over the shells; which orbitals are filled; write its electronic configuration;
  electronic structure; filling of the orbitals; electron arrangement in s, p, d notation; shells and subshells;
  ground state configuration
electronegativity: electronegativity; Pauling value; what is its electronegativity;
  how strongly does it attract electrons; how much does it pull on electrons in a bond; Pauling electronegativity;
  EN value; value on the Pauling scale; how electronegative is it; tendency to attract bonding electrons;
  electron pulling power
ionisation-energy: ionisation energy; ionization energy; ionization potential;
  how much energy does it take to remove an electron; energy to strip off an electron;
  what is its first ionisation energy; energy needed to ionise an atom; how hard is it to take away an electron;
  first ionization energy in kJ/mol; ionisation potential; work to pull off the outermost electron; ionise
oxidation-states: oxidation states; oxidation number; valency; charge of its ions;
  which oxidation states does it have; what oxidation numbers can it take; what charges do its ions have;
  what valency does it have; which charge does its ion carry; common oxidation states; possible oxidation states;
  valence of the element; ion charges; how many electrons does it give away or take up
valence-electrons: valence electrons; electrons in the outer shell; how many valence electrons does it have;
  how many electrons are in its outermost shell; number of outer electrons; electrons available for bonding;
  outer shell electrons; number of valence electrons; electrons in the last shell; how many dots in the Lewis symbol;
  outermost electrons
atomic-radius: atomic radius; size of the atom; what is its atomic radius; how big is an atom of it;
  how large is the atom; radius in picometres; size of one atom; how wide is the atom; atom size in pm;
  distance from nucleus to outer electrons; radius of the atom
radioactivity: radioactive; is it stable; is it radioactive; does it decay; is the element stable or radioactive;
  does it give off radiation; does it have stable isotopes; is it dangerous radiation wise; is it unstable;
  does it emit radiation; radioactive or not; does the element glow with radiation
isotopes: stable isotopes; isotopes; how many isotopes; what are its stable isotopes;
  how many stable isotopes does it have; which isotopes does it have; which isotopes of it do not decay;
  name its isotopes; number of isotopes; naturally occurring isotopes; nuclides of the element;
  which isotopes exist in nature
main-isotope: most abundant isotope; commonest isotope; what is its most common isotope;
  which isotope is the most abundant; which isotope makes up most of it; commonest isotope in nature; main isotope;
  isotope with the highest share; which nuclide dominates; most of its atoms are which isotope; principal isotope
discovery: discovery; known since when; since when has it been known; was it known in antiquity;
  known since ancient times; how long have people known it; has it been known forever; is the discoverer unknown;
  did the ancients know it; since when do people use it; prehistoric knowledge of the element
discoverer: discoverer; who discovered; who found; who isolated; who discovered it; who found it first;
  who first isolated it; which chemist discovered the element; name of its discoverer; who gets credit for finding it;
  by whom was it discovered; who identified it first; scientist who discovered it; person behind the discovery;
  which element did this scientist discover
discovery-year: year of discovery; when was it discovered; in what year was it found; what year was it first isolated;
  when did people find it; date of discovery; how long ago was it discovered; when did chemists discover it;
  year it was identified; when was the element first made; in which century was it discovered
discovery-place: country of discovery; where was it discovered; in which country was it discovered;
  where was it found first; in what land was the element discovered; country where it was first isolated;
  place of discovery; which nation discovered it; where did the discovery happen; where was the lab of the discovery
name-origin: origin of the name; named after; etymology; where does the name come from; where does its name come from;
  why is it called that; what is it named after; what does its name mean; origin of the word;
  etymology of the element; from which language does the name come; which word is the name derived from;
  how did it get its name; after whom or what was it named
uses: uses; what is it used for; applications; what do people use it for; where is it used; what is it good for;
  what can you do with it; what is it useful for; what products contain it; practical uses; industrial applications;
  what do we need it for; where do you meet it in daily life; purpose of the element
obtained-from: where is it found; ore; how is it produced; occurrence; where does it come from; how do you get it;
  from what is it obtained; where is it found in nature; from which minerals do we get it; how is it extracted;
  how is it made commercially; natural occurrence; which ores contain it; source of the element
description: description; properties; what does it look like; colour; what are its properties; describe the element;
  what is it like; what does it look like and how does it behave; what kind of substance is it;
  tell me about the element; properties of the substance; characteristics; what sort of metal or gas is it;
  does it smell; appearance and properties
crust-abundance: abundance in the Earth's crust; how common is it; how common is it in the Earth's crust;
  how much of it is there in the ground; how abundant is it; what share of the crust is it; how rare is it;
  percentage of the crust; how much of the Earth's crust is it; amount in rocks; grams per tonne of crust;
  concentration in the crust
melting-point-ranking: highest melting point; lowest melting point; which element melts at the highest temperature;
  which element is hardest to melt; element with the highest melting point; element with the lowest melting point;
  second highest melting point; which metal melts last; which element melts at the lowest temperature;
  melting point record; third highest melting point
boiling-point-ranking: highest boiling point; lowest boiling point; which element boils at the highest temperature;
  which element is hardest to boil; element with the highest boiling point; element with the lowest boiling point;
  which element boils at the lowest temperature; boiling point record; second highest boiling point;
  third highest boiling point; which element boils first
electronegativity-ranking: most electronegative; least electronegative;
  which element attracts electrons most strongly; element with the highest electronegativity;
  element with the lowest electronegativity; which element pulls hardest on electrons;
  second highest electronegativity; which element is the least electronegative; electronegativity record;
  third highest electronegativity
ionisation-ranking: highest ionisation energy; lowest ionisation energy;
  which element holds its electrons the tightest; which element loses an electron most easily;
  element with the highest ionisation energy; element with the lowest ionisation energy; hardest element to ionise;
  easiest element to ionise; ionisation energy record; second highest ionisation energy
radius-ranking: largest atom; smallest atom; which element has the biggest atoms;
  which element has the smallest atoms; element with the largest atomic radius;
  element with the smallest atomic radius; largest atom of all; tiniest atom of all; second largest atomic radius;
  atomic size record
liquid-elements: liquid elements; which elements are liquid; which elements are liquids;
  what elements are liquid at room temperature; which two elements are liquid; name the liquid elements;
  elements that flow at 25 degrees; list of liquid elements; which elements are runny under normal conditions;
  elements in the liquid state
gaseous-elements: gaseous elements; which elements are gases; what elements are gaseous at room temperature;
  name the gaseous elements; elements that are gas at 25 degrees; list of gaseous elements; elements in the gas state;
  which elements exist as gases; all gases among the elements
members: members; which elements belong; list of elements; which elements belong to it;
  name the elements of the family; which elements are in this group; what are the members of the family;
  list them all; which gases count as such; what substances belong to it; give examples of it; which ones are there;
  types that exist
element-count: number of elements; how many elements; how many elements are in the period;
  how many elements does the row have; number of elements in the row; elements in the period; how long is the period;
  how many elements stand in that line of the table; count of elements in the period; how many boxes does the row have
formula: chemical formula; molecular formula; formula; what is it made of; which compound has this formula;
  what is its chemical formula; what is the formula of the compound; how do you write it in chemical symbols;
  what substance is written like that; what atoms is a molecule of it made of; which elements are in the compound;
  what does this formula stand for; empirical formula; write the formula
common-name: common name; trivial name; other name; everyday name; also known as; what is it commonly called;
  what is its everyday name; what do ordinary people call it; what else is it called; other names for it;
  household name of the chemical; what is the chemical name of it; under which name is it sold; synonym; trade name;
  what's another word for it; systematic name of the everyday substance
molar-mass: molar mass; molecular weight; grams per mole; what is its molar mass; how much does one mole weigh;
  what does a mole of it weigh; grams in one mole; molecular mass; weight of a mole of the compound;
  how many grams per mole; g/mol; formula weight; M of the compound
definition: definition; what is; meaning; explain the term; what is it; what does the term mean; explain it simply;
  define the word; what do chemists mean by it; meaning of the word; what sort of substance is it;
  describe it in a sentence; in chemistry what is it; what is meant by it; what is that called
law: law; which law; what does the law state; what does the law say; state the law; explain the law;
  formula of the law; which law says so; what rule does it express; what is the principle; content of the law;
  what equation does the law give; what does the principle say
value: value; numerical value; constant; what is its value; how big is the constant; what number is it;
  numerical value of the constant; how much is it; constant in SI units; what figure is used for it;
  what is it equal to; how large is it in numbers; how many degrees is it
colour: colour; color; what colour; what colour is it; which colour does it turn;
  what colour does the indicator have in acid; what colour does the indicator have in base; what hue does it have;
  colour of the solution; colour of the precipitate; what colour change happens; which colour does it show
flame-colour: flame test colour; colour of the flame; what colour does it give a flame;
  what colour does the flame turn; what colour do its salts burn; which metal makes the flame that colour; flame test;
  colour of the fire with its salts; what colour fireworks does it make; colour in a Bunsen flame;
  which element burns with this colour
ph: pH; how acidic; acidic or basic; what is its pH; is it an acid or a base; how acidic is it; how alkaline is it;
  pH value; acidity; where is it on the pH scale; is it sour or alkaline; pH of the liquid;
  is it acidic, neutral or alkaline
composition: composition; made of; which metals; consists of; what is it made of; what does it consist of;
  which metals are in the alloy; what is the alloy made of; what is in it; ingredients; what is mixed to make it;
  main component; what chemical is it made from; which alloy is made of these metals; what does it contain;
  substances in the mixture
test: test; how to detect; how to show; how do you test for it; how can I detect it;
  how do chemists show that it is present; reagent for it; what do you use to identify it;
  how do you recognise the gas; chemical test; which reagent turns cloudy or changes colour with it;
  proof of its presence; detection method
functional-group: functional group; characteristic group; what is its functional group;
  which group of atoms is typical of it; what group do all of them have; characteristic group of atoms;
  which group makes it react that way; which class of compounds has this group; reactive group;
  which functional group is in them; group of atoms in the family
suffix: suffix; ending of the name; prefix; what ending do their names have; how do the names end;
  which suffix is used; what do names of these compounds end in; ending in IUPAC names;
  which compounds have names with this ending; naming ending; last letters of the name
inventor: inventor; who proposed; who formulated; who invented; father of; who invented it; who proposed it;
  who came up with the idea; who thought of it; whose theory is it; who introduced it; who discovered the particle;
  which scientist is behind it; father of the theory; who found the structure; who developed it; who set up the law
year: year; when; in what year was it published; when was it made; when did it come out; which year; date of it;
  when was the table published; how old is it; year of publication
product: products; what is formed; result of the reaction; what does it make; what is formed in the reaction;
  what comes out of it; what do you get from it; what is produced by the process; what does the process yield;
  which substance is manufactured that way; products of the reaction; what happens when they react;
  output of the process; end product
process: process; industrial process; how is it made; how is it made industrially; by which process is it produced;
  name of the industrial process; method of manufacture; how do factories make it; how do they extract the metal;
  where is the metal smelted; production method; what process gives it
unit: unit; SI unit; measured in; what is it measured in; which unit is used for it; SI unit of it;
  in what unit is it given; unit of measurement; what are the units; what quantity has this unit;
  how is it measured, in which unit
superlative: most; least; largest; smallest; lightest; heaviest; hardest; which is the simplest one;
  which one is the smallest; what is the simplest member; simplest compound of its kind; first member of the series;
  which one has the fewest carbons; simplest example; most basic one of the family
apparatus: apparatus; laboratory equipment; what is it used for in the laboratory; what do you use it for in the lab;
  what is the instrument for; which piece of equipment does that; what lab equipment is used;
  which tool do chemists use; what glassware do I need; purpose of the instrument; which device measures it;
  laboratory glassware
charge: charge; ion charge; what is its charge; what charge does the ion have; is it positive or negative;
  how is it charged; which particle has no charge; electric charge of the particle; charge on the ion;
  is it positively charged; charge number
shape: molecular shape; geometry; bond angle; what shape does the molecule have; what is its molecular geometry;
  how are its atoms arranged in space; is the molecule bent or linear; bond angle of the molecule;
  geometry according to VSEPR; form of the molecule; three-dimensional shape; what does the molecule look like
count: number; how many; how many are there; how many fit in it; maximum number of electrons;
  how many electrons does the shell hold; how many electrons fit in the subshell; number of bonds it forms;
  how many bonds can it make; total number of them; capacity of the shell; how many known
half-life: half-life; how long until half has decayed; what is its half-life;
  how long does it take for half of it to decay; how fast does it decay; after how many years is half of it gone;
  how long does it stay radioactive; decay time; time until half remains; how quickly does it disappear;
  rate of decay of the isotope
hazard: hazard; danger; toxic; why is it dangerous; what harm does it do; how poisonous is it; is it toxic;
  is it safe to touch; what does it damage; which substances are harmful to it; risk; health danger; what destroys it
use: use; what is it used for; purpose; what do people use it for; what is it good for;
  which element is used for that; which substance is in it; what does it do for us; what can it be used for;
  which metal do they put into it; application; why do people need it; purpose of the isotope
biological-use: role in the body; which metal is in it; what does it do in the body; which metal is in the blood;
  why do living things need it; which metal sits in the molecule of life; role in living things;
  why does the body need it; what biological molecule contains it; metal at the centre of the pigment
ore: ore; which mineral is it extracted from; what ore does it come from; which ore is mined for it;
  from which mineral is the metal extracted; what is its main ore; which metal is got from this ore;
  mineral smelted to get the metal; name of the ore; rock it is mined from; chief ore of the metal;
  which mineral do we dig up for it
symbol-origin: why is the symbol so; Latin name; origin of the symbol; why is its symbol those letters;
  where does its symbol come from; why doesn't the symbol match the name; Latin name behind the symbol;
  what do the letters of the symbol come from; which Latin word gave the symbol; why the odd symbol;
  reason for the letters; what was it called in Latin
named-after: named after; namesake; who is it named after; after which scientist is it named;
  what place is it named after; after which country is it named; in whose honour is it named;
  which element is named after this person; it was named for whom; whom does the name honour; eponym
allotropes: allotropes; forms of the element; what forms does it come in; which allotropes does it have;
  name its allotropes; different forms of the same element; what modifications exist;
  in which forms does the pure element occur; structural forms; varieties of the element
appearance: colour; appearance; what does it look like; what colour is the element; how does it look;
  what colour is the gas; colour of the metal; is it shiny; looks of the element; what colour is it in its pure form;
  which element is that colour
catalyst: catalyst; what speeds it up; which catalyst is used; what catalyst speeds up the process;
  what substance makes the reaction go faster; which metal acts as the catalyst; what is used as a catalyst;
  catalyst of the process; accelerator of the reaction; what helps the reaction along
mass: mass; how heavy; what is its mass; how heavy is the particle; how much does it weigh; mass in kilograms;
  weight of an electron; rest mass; what does the particle weigh; mass of the particle
range: range; scale from to; from what to what does it go; what is the range of the scale;
  from where to where does the scale run; what are its lowest and highest values; which numbers are on the scale;
  limits of the scale; minimum and maximum; how far does the scale go
cas-number: CAS number; CAS; CAS registry number; CAS RN; CAS no; registry number; Chemical Abstracts number; cas id;
  which CAS number does it have; what is it listed under in Chemical Abstracts; what is its CAS registry number;
  which substance has this CAS number; what compound is this CAS number; number in the CAS registry; CAS identifier
pubchem-cid: PubChem CID; PubChem; CID; PubChem number; compound id; PubChem compound number; PubChem identifier;
  what is its number in PubChem; which compound has this CID; under what CID is it in PubChem
smiles: SMILES; SMILES string; SMILES notation; canonical SMILES; SMILES code; line notation; what is its SMILES;
  how do I write it as SMILES; which molecule has this SMILES; structure as a text string; SMILES representation
inchi-key: InChIKey; InChI key; InChI; hashed InChI; international chemical identifier; what is its InChIKey;
  which compound has this InChIKey; InChIKey of the molecule; 27-character key
iupac-name: IUPAC name; systematic name; IUPAC; name by IUPAC rules; proper chemical name; systematic chemical name;
  what does IUPAC call it; what is its systematic name; official chemical name; which compound has this IUPAC name;
  preferred IUPAC name; what is its IUPAC name; nomenclature name
crystal-system: crystal system; crystal structure; which crystal system does it belong to; crystal class; crystal lattice of the mineral;
  in which system does it crystallise; is it cubic or hexagonal; shape of its crystals; how does it crystallise;
  what is its crystal system; crystal symmetry; lattice system
hardness: hardness; Mohs hardness; how hard; how hard is it; what is its Mohs hardness; hardness number;
  where is it on the Mohs scale; can it scratch glass; hardness on the Mohs scale; how scratch resistant is it;
  is it soft or hard
hybridisation: hybridisation; hybridization; what hybridisation do its carbon atoms have; is it sp, sp2 or sp3;
  hybrid orbitals; how are its carbons hybridised; which hybridization; hybridisation state of carbon;
  type of hybrid orbitals; sp3 or sp2
smell: smell; odour; smells of; what does it smell of; what causes the smell; which substance smells like that;
  what compound smells of it; why does it smell so; which chemical stinks like that; what is the odour from;
  source of the odour
cause: cause; what causes it; why; why does it happen; what is responsible for it; where does it come from;
  which ions make it so; what makes it so; what is behind it; reason for it
sublimation-point: sublimation point; temperature of sublimation; at what temperature does it sublime;
  when does it go from solid straight to gas; how cold is the solid; when does dry ice turn into gas;
  sublimation temperature; temperature at which the solid turns to gas without melting; when does it sublimate;
  solid to gas temperature
reaction-with-water: reaction with water; what happens in water; what happens when it touches water;
  what does it do in water; what happens if you drop it in water; what does it form with water;
  how does the metal react with water; does it explode in water; products with water; put it in water
storage: how is it stored; kept under; in what do you keep it; under which liquid is it kept;
  why is it kept under oil; how should I store it; what is it kept in; safe keeping; what liquid protects it
lightest-element: lightest element; which element is the lightest; what is the lightest element;
  element with the lowest atomic mass; lightest of all elements; element that weighs the least; lightest atom;
  lightest gas; element with the smallest mass
densest-element: densest element; heaviest metal by volume; which element is the densest; what is the densest metal;
  element with the highest density; heaviest for its size; densest substance on earth;
  which metal weighs the most per cubic centimetre; most dense element; greatest density of all
heaviest-element: heaviest element; highest atomic number; which element is the heaviest;
  what is the heaviest element; element with the highest atomic number; element with the most protons;
  last element of the periodic table; heaviest atom known; highest numbered element; element at the end of the table
most-abundant-universe: most common element in the universe; which element is the most abundant in the universe;
  what is most of the universe made of; commonest element in space; most plentiful element in the cosmos;
  what are stars mostly made of; element that there is most of in the universe; number one element in the universe;
  most widespread in space
most-abundant-crust: most common element in the crust; which element is the most abundant in the Earth's crust;
  commonest element in the ground; what is most of the crust made of; most plentiful element in rocks;
  element that makes up most of the crust; number one element of the Earth's crust;
  most widespread element in the crust; which element is there most of in the earth's surface
most-abundant-air: most common gas in the air; which gas is there most of in the air; what is air mostly made of;
  most abundant gas in the atmosphere; main gas of the air; which gas makes up 78 percent of air;
  commonest gas of the atmosphere; what are we mostly breathing; biggest part of air
least-dense-metal: which metal is the lightest; metal with the lowest density; least dense metal;
  lightest solid metal; metal that floats on water; lightest of all metals
most-abundant-metal-crust: which metal is the commonest in the crust; most abundant metal on the Earth's surface;
  most plentiful metal in the ground; metal there is most of in rocks; commonest metal; most widespread metal
most-abundant-body: which element is there most of in the human body; what are we mostly made of;
  commonest element in the body; most abundant element in people; main element of the human body;
  element that makes up most of a person
best-conductor: which metal conducts electricity best; best conductor of heat; metal with the highest conductivity;
  which element is the best electrical conductor; carries current best; most conductive metal
hardest: what is the hardest natural substance; which material is the hardest; hardest thing in nature;
  hardest mineral; nothing scratches it; hardest known stuff
liquid-metal: which metal is liquid at room temperature; what metal is a liquid; only liquid metal;
  metal that flows without heating; runny metal; metal in old thermometers
liquid-nonmetal: which nonmetal is a liquid; only liquid nonmetal; nonmetal that is liquid at room temperature;
  what halogen is liquid; liquid that is not a metal; non-metallic liquid element
rarest: which element is the rarest; what is the rarest element on earth; least common natural element;
  scarcest element; element there is least of; rarest in nature
first-synthetic: what was the first man-made element; which element was made artificially first;
  first artificial element; first synthetic element; first element made in a lab; earliest man-made element
number-of-periods: how many periods does the periodic table have; how many rows does the periodic table have;
  number of rows; number of periods; how many horizontal lines are in the table; rows of the table
number-of-groups: how many groups does the periodic table have; how many columns does the periodic table have;
  number of columns; number of groups; how many vertical lines are in the table; columns of the table
natural-count: how many elements occur in nature; number of natural elements; how many elements are found naturally;
  elements that are not artificial; how many elements are not man-made; count of natural elements
diatomic: which elements come as pairs of atoms; diatomic elements; which elements form molecules of two atoms;
  elements with two-atom molecules; seven diatomic elements; gases such as H2 and O2
magnetic: which elements are magnetic; what metals stick to a magnet; ferromagnetic elements;
  metals attracted by magnets; magnetic metals; which elements can be magnets
noble-metals: which metals are noble; metals that do not corrode; name the noble metals; metals that resist acids;
  metals that never rust; noble metal list
ordering: how is the periodic table ordered; by what are the elements arranged; in what order do elements stand;
  principle of order; sorted by what; elements lined up by
dissolved-by: what dissolves it; which acid dissolves it; in what does it dissolve;
  what liquid can dissolve the metal; what attacks it; mixture that dissolves it
isotope-names: what are its isotopes called; names of the isotopes; special names of the isotopes;
  what are the three isotopes called; names of heavy forms; named isotopes
`);

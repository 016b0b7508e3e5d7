/** More ways in which people ask for the commonest relations of chemistry, beside relations.ts: loosely, in passing, from the other side. */
import { readPhrases } from '../readers/phrases.ts';

export const CHEMISTRY_EVERYDAY_PHRASES: Readonly<Record<string, readonly string[]>> = readPhrases(`
symbol: what do chemists write for it; shorthand for the element; how do you write it on the periodic table;
  one or two letter code; what is it represented by; which element is represented by these letters;
  name the element with this symbol; what's the letter for it; which element goes by this abbreviation;
  what element is this; give the symbol; denoted by
atomic-number: which number does it carry; element it; which element is it by number; element no; what is number so and so in the periodic table; Z of it;
  number of the element; which element sits at this place; which element holds this number;
  name the element with this atomic number; Z =; element whose atomic number is;
  what place does it take in the periodic table; its number among the elements
protons: proton number; how many protons are there in an atom of it; how many protons in the nucleus of it;
  how many electrons are in it; how many electrons does it have; which atom has this many protons;
  which element's nucleus holds this many protons; total electrons of it; number of protons in one atom;
  how many electrons orbit the nucleus; protons contained in it
atomic-mass: mass of it on the periodic table; how much does an atom weigh; mass of one mole of the element;
  molar mass of the element; average atomic mass; which atomic mass has it; atomic mass units; weight of its atoms;
  how many u; how many daltons
group: what group is it in; group of the periodic table; which column; what column does it stand in;
  which group number does it have; column number; where in the table is it, which column;
  to which column does it belong; is it in the first group
period: what period is it in; period of the periodic table; which row; what row is it in; which row number;
  row it stands in; to which row does it belong; how many shells does it have; number of the row
block: which block is it in; s p d or f; what subshell block; part of the table, s, p, d or f; which letter of block;
  to which block of the table does it belong
category: which class of elements does it belong to; what type of element is it; what family does it belong to;
  is it metallic; how is it classified; is it an alkaline earth metal; is it a lanthanide or an actinide;
  is it a halogen; is it a post-transition metal; which group of substances does it count among; sort of metal;
  metal, nonmetal or metalloid
state: is it a gas at room temperature; is it a liquid at room temperature; is it a solid at room temperature;
  in what state is it normally; what state of matter; is it gaseous; does it flow at room temperature;
  what form does it take at 20 degrees; state under standard conditions; which phase
melting-point: temperature needed to melt it; how hot does it have to be to melt;
  at what temperature does it become liquid; when does it turn liquid; melts at; how warm can it get before it melts;
  at what temp does it freeze; when does it solidify
boiling-point: temperature needed to boil it; how hot does it have to be to boil; at what temp does it boil; boils at;
  when does it evaporate; at how many degrees does it turn to vapour; point at which it becomes gas; vaporises at;
  what heat makes it boil
density: how much does a cubic centimetre weigh; how many grams per cubic centimetre; how heavy is it by volume;
  kilograms per cubic metre; weight of a litre of it; mass of one cubic centimetre; how compact is it;
  is it denser than water; how much mass in a given volume
electron-configuration: how do you write its electrons; what is the arrangement of its electrons;
  electron shells of it; distribution of electrons; orbital notation; which subshells hold its electrons;
  spdf notation; noble gas notation; in which orbitals are its electrons
electronegativity: how electronegative; Pauling number; electronegativity value on the Pauling scale;
  how greedy is it for electrons; how strongly does it hold bonding electrons; what is its Pauling electronegativity
ionisation-energy: how much energy to remove an electron; energy needed to pull off its outermost electron;
  first ionization energy; how hard is it to take an electron away; what does it cost to ionise it;
  energy to remove the first electron; how strongly does it hold its outer electron
oxidation-states: what oxidation state does it usually have; which valences does it show; which ions does it form;
  typical oxidation number; what valence does it have; what ion does it form; how many bonds does it like to form;
  usual charge in compounds; in compounds it is plus what
valence-electrons: how many electrons in the outer shell; electrons in its outermost shell;
  how many electrons can it use for bonds; outer electrons; how many electrons are on the outside;
  valence electron count
atomic-radius: how large is one atom; radius of an atom of it; how many picometres; how small are its atoms;
  size of its atoms; width of an atom
isotopes: which isotopes are stable; what isotopes exist; how many isotopes are there; natural isotopes;
  which forms with different neutrons exist
main-isotope: most common isotope; which isotope is the most common; isotope found most in nature; dominant isotope;
  most frequent isotope; what share has the commonest isotope
crust-abundance: how much of it is in the crust; how plentiful is it on Earth; parts per million in the crust;
  is it rare on Earth; how much of it do rocks hold; how frequent is it in nature
radioactivity: is it radioactive or stable; does it have any stable isotope; is it a radioactive element;
  does it break down by itself; can it harm me by radiation
discoverer: who was the discoverer; who first discovered it; who is credited with its discovery;
  who made the discovery; which person discovered it; discovered by; by which scientist was it found;
  who are its discoverers; who came across it first; what element did this person discover; name the discoverer;
  whose discovery was it; who spotted it
discovery-year: year it was found; year of its discovery; in which year did someone discover it;
  when was it first found; when did it become known; discovered in; since what year do we know it; date it was found;
  when was it first identified; how old is its discovery
discovery-place: where was it first discovered; where did they find it first; in which country was it first found;
  country it was discovered in; which country discovered it; where on Earth was it first isolated
name-origin: how did it come by its name; what is the meaning of its name; why does it have this name;
  where did the name come from; what does it owe its name to; word behind the name; for what was it named; named for;
  reason for its name; the name comes from
named-after: who gave it its name; in honour of whom; which person is it named after; which city is it named after;
  which planet is it named after; called after
symbol-origin: why is its symbol not like its name; what is the Latin name of it; which Latin word is the symbol from;
  why these letters
obtained-from: where do we get it from; where does it occur; what is it extracted from; how is it obtained;
  how do we get it; what do we make it from; sources of it; how do you produce it; in which minerals is it;
  where can it be found; how is it isolated
uses: what do we use it for; where do we use it; uses of it; what is it used in; name a use;
  what are its applications; what can it be used for; what is it used to make; main use; in what things is it;
  what role has it in industry; why is it useful
description: what are the properties of it; how would you describe it; what does it look and feel like;
  its physical properties; what is special about the element; main features
appearance: what colour is it; color; how does it look like; colour of it; what color does it have; its look
formula: what's the formula for it; how is it written; formula of it; what is it written as in chemistry;
  how many atoms of each element; chemical notation; which chemical has the formula; what compound is this formula;
  what do you call the compound with this formula; name of the compound with the formula; atoms in one molecule of it;
  what does the molecule consist of
molar-mass: mass of one mole; how heavy is a mole of it; what is its molar mass in g/mol;
  how many grams are in a mole; weight per mole
common-name: what is the common name for it; what do people call it; what is it known as; what is it in everyday life;
  which household substance is it; what chemical is this household product; chemical name of it; what is it sold as;
  which compound is it really; how do you call it at home; other word for it; what does a chemist call it;
  scientific name of it
composition: what is it an alloy of; which metals make it up; components; what are its components;
  what does it mainly contain; which elements is it made from; which alloy is it; mixture of what;
  what do you mix to get it; what goes into it
law: statement of the law; what does this principle say; which law says that; what does the rule tell us;
  name of the law
inventor: who came up with it; who first made it; whose idea was it; inventor of it; who is behind it;
  which chemist devised it; father of it; who formulated it; who was it named for
product: what does it give; what is produced; what does it lead to; what do you end up with;
  what do they make with it; result
apparatus: what is it for; what do you do with it; what does a chemist use it for; use of the instrument;
  what is it used to do; which vessel is used; name the tool for it
ph: what pH does it have; pH of it; acid or base; how acid is it; how sour is it chemically; is it basic; typical pH;
  level of acidity
flame-colour: what colour is its flame; colour in the flame test; how does it colour a flame;
  what colour is the flame; which metal colours flames that way; firework colour
test: how is it tested for; how to test for it; how can you tell it is there; how do you prove it;
  what shows that it is there; test for the gas; how do you identify it; what reaction reveals it
half-life: how long is its half-life; when has half of it decayed; time for half to decay; time it takes to halve;
  how long until it is half gone; half life in years
unit: in which unit; what is it given in; what do we measure it in; the unit of it; which unit does it have;
  unit named; SI unit for it
value: how much is it exactly; what is it worth in numbers; what does the constant amount to; number for it;
  size of the constant
ore: what is it mined as; which ore gives it; ore of it; what metal comes from it; which mineral contains it;
  what do miners dig for it
colour: what is the colour of it; which colour is it; what colour does it go; it turns what colour; color in acid;
  color in base; shade
functional-group: which group makes it an acid or alcohol; what group is in it; group that defines the family;
  typical group
suffix: what do the names end with; ending; which ending; how do you name them; names end in
charge: what charge has it; is it negative; which charge; electrical charge; sign of the charge;
  positive, negative or neutral
shape: shape of the molecule; what is the geometry; which shape; how is the molecule shaped; is it flat;
  angle between the bonds; is it tetrahedral
count: what number of them; how many of them are there; how many can it hold; number of it; how many at most
members: which ones are they; what are the members; which belong to it; name them; list them; what types are there;
  which kinds are there; what are they; name all of them
`);

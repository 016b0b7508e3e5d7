/** How people ask for the relations of chemistry that few passages have: records, counts, names. Owns short phrases. */
import { readPhrases } from '../readers/phrases.ts';

/** Phrases by relation; `it` and `there` stand for the subject. */
export const CHEMISTRY_SINGLE_RELATIONS: Readonly<Record<string, readonly string[]>> = readPhrases(`
safety: in which order do you mix acid and water; acid into water or water into acid; how to dilute acid safely;
  what do I pour first
need: what does a fire need; three things to burn; fire triangle; what keeps a flame going
composition-share: how much of the Earth is covered by water; what percentage of the planet is water;
  share of the surface; how much of the globe is it
heaviest-natural-element: heaviest element found in nature; last natural element;
  which natural element has the most protons; heaviest element not made by man
second-most-abundant-universe: second commonest element in the universe; second most plentiful in space;
  number two element in the cosmos; commonest after hydrogen
second-most-abundant-crust: second commonest element in the crust; second most plentiful in rocks;
  number two element of the Earth's crust; commonest in the ground after oxygen
most-abundant-earth: what is the Earth mostly made of; commonest element of the whole planet;
  element with the largest share of the Earth's mass; most of our planet is which element
second-most-abundant-air: second commonest gas in the air; which gas makes up 21 percent of air;
  number two gas of the atmosphere; the part of the air that we need
third-most-abundant-air: third commonest gas in the air; which gas makes up one percent of air;
  number three gas of the atmosphere; noble gas in the air
hardest-metal: which metal is the hardest; hardest of all metals; metal hardest to scratch; toughest pure metal to cut
most-malleable: which metal is easiest to hammer into sheets; most ductile metal; metal beaten into the thinnest leaf;
  softest to shape
most-reactive-metal: which metal reacts most violently; most reactive of all metals; metal that explodes in water;
  metal that reacts the easiest
most-reactive-nonmetal: which nonmetal reacts most violently; most reactive of all elements;
  gas that attacks nearly everything; most aggressive element
most-electronegative: which element is the most electronegative; top of the Pauling scale;
  strongest pull on electrons of all; most electron-hungry element
two-liquids: which two elements are liquid; the pair of liquid elements; name both liquid elements;
  one metal and one nonmetal that are liquid
lightest-noble-gas: which noble gas is the lightest; noble gas in balloons; first of the noble gases;
  noble gas with the smallest mass
lightest-halogen: which halogen is the lightest; first of the halogens; halogen with the smallest mass;
  smallest halogen
letter-j: which letter is missing from the periodic table; letter that no symbol uses;
  letter not found in any element symbol; what letter never appears
most-stable-isotopes: which element has the most stable isotopes; record number of stable isotopes;
  element with ten stable isotopes; most isotopes that do not decay
named-after-planets: which elements bear the names of planets; elements called after planets;
  planet names in the periodic table; three elements and planets
precious: which metals are precious; metals for jewellery; name the precious metals; metals worth a lot
metal-of-group-1: what are the elements of the first group called; name of group 1; first column of the table, name;
  what do you call lithium, sodium and potassium together
group-17-name: what are the elements of group 17 called; name of group 17; salt formers;
  what do you call fluorine, chlorine and bromine together
group-18-name: what are the elements of group 18 called; name of group 18; last column of the table, name;
  what do you call helium, neon and argon together
group-2-name: what are the elements of group 2 called; name of group 2; second column of the table, name;
  what do you call magnesium and calcium together
heaviest-stable: heaviest element that is not radioactive; last stable element; heaviest stable element;
  after which element is everything radioactive
category-detail: which record does it hold; element that boils at the coldest temperature; what is special about it;
  lowest boiling of all
patina: what is the green layer on copper called; why do copper roofs turn green; green coating;
  what is the green stuff on old statues
flame: how does the metal burn; what colour does it burn with; bright white light when burnt;
  what does its burning look like
purity: how many carats is pure gold; what carat is pure; carats of fine gold; purity of gold
melting-note: which metal melts in your hand; metal that melts from body heat;
  what metal turns liquid when you hold it; melts on your palm
name-meaning: what does the name mean; translation of the name; meaning of the element's name;
  what does the word stand for in Greek
`);

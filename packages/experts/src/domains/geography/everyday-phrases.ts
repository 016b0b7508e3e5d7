/** More ways in which people ask for the commonest relations of geography, beside relations.ts: loosely, in passing, from the other side. */
import { readPhrases } from '../readers/phrases.ts';

export const GEOGRAPHY_EVERYDAY_PHRASES: Readonly<Record<string, readonly string[]>> = readPhrases(`
capital: which city is the capital; what's the capital; which city governs it; name the capital;
  what country is this city the capital of; where is the parliament; administrative centre
currency: what money do they use; what currency do they use; which money is used there; what is the money called;
  what do you pay in; which banknotes do I need; what should I change my money into; name of the currency;
  which country uses this currency; local money
currency-code: three-letter code of the currency; code for its money; ISO code of the currency;
  abbreviation of the currency; how is its currency abbreviated
calling-code: country code for phone calls; what do I dial to call it; phone code; which number do I dial first;
  international prefix; dialing code; telephone country code; how do I phone there; which country has this phone code;
  whose country code is it; prefix for calls; area code of the country
iso-code: two-letter code; country code with two letters; ISO 3166 alpha-2; what is its two-letter country code;
  which country has this two-letter code; country abbreviation; short code of the country
iso3-code: three-letter code of the country; ISO 3166 alpha-3; country code with three letters;
  which country has this three-letter code; how is the country abbreviated with three letters
internet-domain: web domain; country domain; what do web addresses there end in; ending of websites; internet ending;
  which country does this domain belong to; internet country code; dot what
official-language: what language do they speak; which language is spoken; official languages;
  what do people speak there; what language do they use officially; in which language are the laws;
  mother tongue of the country
languages: which languages are spoken; what languages do people speak; languages spoken there;
  what tongues are heard there; what do the people speak
continent: on which continent is it; which continent; what continent is it part of; to which continent does it belong;
  is it in Africa or Asia; where in the world is it, which continent
location: where can I find it; where is the country located; what part of the world is it in; whereabouts is it;
  which region is it in; position of it; what is it near
area: how big is it; size of the country; total area; how much land does it have; how many square kilometres is it;
  land area; what area does it cover; how much space does it take up; extent
population: number of inhabitants; how many citizens; size of the population
highest-point: highest mountain; what is the top of the country; which mountain is the highest there;
  what is the highest elevation; peak; tallest peak; which summit is the highest; how high does it go
lowest-point: deepest point on land; where is it lowest; what lies lowest there; how low does it go
demonym: what are its people called; what do you call people from there; name for the inhabitants;
  what is a person from there called; inhabitants; what are the locals called; adjective of the country;
  citizens are called
largest-city: which city is the biggest; largest town; what is the largest city by population;
  where do most people live; main city
coastline: how many kilometres of coast; does it have access to the sea; how much coast; shoreline length
climate: what is the weather like; what's the climate like; what kind of climate does it have; is it hot there;
  is it cold there; how is the weather; does it rain a lot; type of climate; what weather should I expect;
  is it tropical
government: is it a republic or a monarchy; who rules, what system; type of state; is there a king;
  system of government
time-zone: time difference to Greenwich; which time zone; hours from UTC; GMT offset;
  what time is it there compared to UTC; how many hours ahead; how far ahead or behind of UTC is it;
  time zone of its capital
flag: describe the flag; which symbols are on its flag; flag description; how does its flag look; national flag;
  what does the banner show; what can be seen on the flag
flag-colours: what colours are on the flag; which colours does the flag have; colours of its flag; flag colors;
  what colors are in the flag; stripes of which colours; whose flag has these colours
anthem: what is the national anthem; name of the anthem; national song; what is its anthem called;
  which song is the anthem; title of the national anthem; hymn of the country; which country's anthem is it;
  what do they sing
natural-resources: which resources does it have; what raw materials are there; minerals of the country;
  what natural wealth does it have; resources; what can be got from its ground; does it have oil
gdp: what is the GDP; how much does the country produce; value of all goods
religion: what religion do people follow; which religion is most common; what do people believe in;
  which faith do they have; are they Christian or Muslim; religions; dominant faith; what faith is practised
life-expectancy: how old do people get; at what age do people die on average; life span; mean age at death;
  expected age; how many years can a newborn expect
exports: which goods does it sell abroad; main export; what do they sell to other countries; export goods;
  what products does it export; what does the country sell
national-holiday: when is the national day; on which date is the national holiday; what day do they celebrate;
  public holiday of the nation; when does it celebrate; day of the nation; what is celebrated as the national holiday
national-symbol: national emblem; what animal stands for the country; symbol of the country; what is its emblem;
  which animal represents it; what represents the country
independence: independence day; since when is it independent; when was it founded; when did it get free
independence-from: from whom did it become independent; from which country did it gain independence;
  who ruled it before; which country did it belong to before; it was a colony of; who governed it before;
  which empire did it leave
borders: which countries are next to it; what countries touch it; bordering countries; what does it border on;
  which countries lie around it; shares a border with; with whom does it share borders
border-count: number of neighbouring countries; how many bordering countries;
  with how many countries does it share a border; number of neighbours; how many states surround it
state-capital: which city is the capital of the state; what is the capital of this US state;
  seat of the state government
abbreviation: two-letter abbreviation of the state; postal code of the state; which state has this abbreviation;
  letters for the state; USPS code; short form of the state
largest-city-of-state: biggest city of the state; largest city in the state; metropolis of the state
height: how high is it; altitude; height above sea level; how many metres does it rise; how far up does it go;
  what is its elevation; how high is the summit
length: how long is it; how many kilometres long; length in kilometres; from source to mouth how long;
  how many kilometres does it run; total length; distance from end to end
depth: greatest depth; how far down is the bottom; depth in metres; deepest spot in it
nickname: nickname of; also known as; which city has this nickname; which place is called that; what is it nicknamed;
  known as the; what do people call it lovingly; which country is known as; byname
major-cities: other big cities; which big cities are there; large cities; what are its main cities; name some cities;
  cities besides the capital
former-name: previous name; earlier name; what was its name in the past; what is it called today;
  how is it called now; it was once known as; historical name; original name; renamed from
native-name: what do its people call it; local name; what is it called in the local language;
  how do the locals call their country; own name
countries: through which countries does it flow; which countries does it cross; which countries does it pass through;
  what countries lie on it; countries along it; in which countries does it lie; which countries have a part of it;
  what countries are on its shores; which countries make it up
country: in which country is it; what country is it in; which country does it belong to; country of it;
  in what country does it lie; it is located in which country; which nation has it; where is it, what country
landmark: in which city is it; where does it stand; in what city is it located; which city has this landmark;
  what country is this monument in; what landmark is there; in which country is this sight;
  where should I go to see it
river: which river flows through it; on which river does it lie; what river runs through the city;
  which river is it on; what waterway crosses it; it lies on the banks of which river; what cities lie on this river
mouth: where does it flow into; which sea does it empty into; where does it reach the sea; into what does it drain;
  what body of water does it flow into; where is its mouth; discharge into; ends in
source: where does it begin; source of the river; where does it spring from; its headwaters; where does it come from;
  in which mountains does it rise
belongs-to: to which country does it belong; whose is it; who owns it; which country is it part of;
  it is a territory of; which state controls it; under which flag is it; what country governs it
separates: what lies on its two sides; what is on either side; between what is it; which lands does it divide;
  it runs between
connects: which seas does it connect; what does it link; which waters does it join;
  from which sea to which sea does it lead; which bodies of water are joined by it; it links
airport-code: code of the airport; which airport has this code; what airport is this; what is on my luggage tag;
  airport with the code
longest-river: biggest river; longest stream
largest-lake: which lake is the largest; lake with the biggest area
highest-mountain: tallest mountain of the continent; which mountain is the tallest; highest mountain there;
  what peak is the highest on the continent; highest peak of the continent
largest-island: which island is the largest; largest island there; what is the biggest island of it
largest-country: biggest country; which country is the largest; largest country by area;
  what country has the most land; biggest nation by size
smallest-country: which country is the smallest; smallest country by area; country with the least land;
  littlest nation
most-populous-country: which country has the most inhabitants; country with the biggest population
country-count: how many countries does the continent have; how many states are on the continent; how many nations
`);

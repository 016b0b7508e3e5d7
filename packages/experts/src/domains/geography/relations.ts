/** How people ask for each relation of geography. Owns short phrases; benchmark phrasings are questions.ts's. */
import { readPhrases } from '../readers/phrases.ts';

/** Phrases by relation; `it` and `there` stand for the subject. */
export const GEOGRAPHY_RELATIONS: Readonly<Record<string, readonly string[]>> = readPhrases(`
capital: capital; capital city; seat of government; which country has this capital; what is its capital city;
  name the capital of it; it is the capital of which country; which country is governed from this city;
  where does the government sit; main city where parliament is; seat of parliament;
  this city is the capital of what nation; what's the capital there; what city is it run from
continent: continent; part of the world; which continent is it on; on what continent does it lie;
  is it in Africa, Asia or Europe; which of the seven continents does it belong to; what continent would I find it on;
  which part of the globe is that country in; to which continent does the country belong; continent of the country
currency: currency; money; what do people pay with; legal tender; what money do they use there;
  what currency is used in it; what notes and coins do they have; what cash should I take;
  what do you pay with in the shops; which money would I need to exchange; does it use the euro or its own money;
  unit of money; national currency; what do I change my dollars into; monetary unit
currency-code: currency code; ISO currency code; three-letter code for its money;
  how is its currency abbreviated at the bank; forex code; ISO 4217 code; currency symbol letters such as USD;
  code of the money on exchange boards; what are the three letters of its currency; currency abbreviation
calling-code: calling code; dialling code; phone prefix; international phone code; country code for phoning;
  how do I phone someone there; what digits do I dial to ring it from abroad;
  which number goes before a phone number there; international dialing prefix; country phone code;
  plus number for calling; what do I dial to call; telephone code;
  which country does a call with this prefix come from; dialing code of the country
iso-code: two-letter country code; ISO code; alpha-2 code; two letter abbreviation of the country;
  what two letters stand for the country; ISO 3166 code; short country code;
  which country is abbreviated with these two letters; two-character code; 2-letter country abbreviation;
  which nation has this ISO code
iso3-code: three-letter country code; alpha-3 code; three letter abbreviation of the country;
  what three letters stand for the country; which country is abbreviated with these three letters; ISO 3166-1 alpha-3;
  three-character country code; 3-letter country abbreviation; letters at the Olympics for the country
official-language: official language; national language; language of the state; what language does the government use;
  which tongue has official status; language of the laws and schools; what is the official tongue;
  in what language are official documents written; state language; which language is official there;
  language used by the authorities; what's the main language
languages: languages spoken; what do people speak; mother tongue; what languages do the people speak;
  which tongues are spoken there; what do they speak at home; which languages would I hear there; local languages;
  dialects and minority languages; what languages are used by the locals; can people there speak English;
  spoken languages
location: where is it; location; whereabouts; situated; where on the map is it; where in the world is it;
  where does it lie; what does it border and where is it situated; geographic position;
  in which region of the world is it; where would I find this country; where is that country located;
  where abouts is it
area: area; how big; size; surface; square kilometres; how large is it; how big is it in square kilometres;
  how much land does it cover; what is its total area; surface area; land area in km²; how many square km is it;
  size of the territory; how much space does the country take up; extent of its territory
coastline: coastline; length of the coast; shore; landlocked; access to the sea; how long is its coast;
  how many kilometres of coast does it have; does it have a coast; does it touch the sea;
  does it have any beaches or seaside; is it landlocked; how much shoreline is there; length of the shoreline;
  can you reach the sea from there
borders: borders; neighbouring countries; neighbours; adjacent countries; which countries does it border;
  what countries are next to it; who are its neighbours; which nations surround it; what country lies next door;
  which states share a frontier with it; what does it share a border with; countries around it; which lands touch it;
  surrounding countries
border-count: how many neighbours; number of bordering countries; how many countries does it border;
  how many neighbours does it have; how many countries touch it; how many nations share a frontier with it;
  with how many states does it share a border; number of land neighbours; count of adjacent countries;
  number of countries next to it
highest-point: highest point; tallest mountain; highest peak; highest elevation;
  what is the highest point in the country; which mountain there is the tallest; what is its highest peak;
  which summit is the highest there; top of the country; what is the top spot of the country;
  name of its tallest peak; which country has this peak as its highest point;
  where would you stand highest above the sea there
lowest-point: lowest point; lowest elevation; lowest place; what is the lowest point in the country;
  where is the lowest spot; what place there lies deepest below sea level; lowest ground; lowest place above the sea;
  at what place is the land lowest; lowest-lying place; minimum elevation; which country has this as its lowest point
driving-side: which side of the road do they drive on; left or right; drive on the left; drive on the right; side of the road;
  left-hand traffic; right-hand traffic; on which side do people drive; which side do cars drive on; is traffic on the left there;
  side of driving; do I have to drive on the left; which hand side traffic; where is the steering wheel; rule of the road
population: population; how many people live; inhabitants; number of people; how many people live there;
  how many inhabitants does it have; what is the population; how many residents; number of people living there;
  head count; how populous is it; how many citizens does it have; population size; how many souls live in the country
religion: religion; faith; what do people believe; main religion; what religion do people follow there;
  what do most people believe in; which faith is the commonest; what do they worship;
  is it a Muslim or Christian country; which church do people belong to; religions practised; religious groups;
  faith of the majority; what gods do people pray to
demonym: demonym; what are people called; nationality; adjective; what do you call a person from there;
  what do you call someone who lives there; what are the inhabitants called; a native of it is called;
  word for people from that country; name for its citizens; how are the locals called;
  people of which country are called this; nationality adjective; someone from there is a what
life-expectancy: life expectancy; how long do people live; how long do people live there;
  how old do people get on average; average age at death; average lifespan; at what age do people usually die;
  years a newborn can expect to live; life span of the inhabitants; expected length of life;
  how many years do folks there live
internet-domain: internet domain; top-level domain; TLD; web address ending; what do websites there end in;
  which country do web addresses with this ending come from; country code top-level domain;
  what comes after the dot in its web addresses; ending of web sites; ccTLD; internet suffix; web domain ending;
  what is the domain of sites from there; url extension of the country
time-zone: time zone; UTC offset; what time; what time zone is it in; how many hours ahead of Greenwich is it;
  how far is it from UTC; hours from GMT; what time is it there compared with London; how many hours behind;
  local time; time difference; clock time there; standard time offset
climate: climate; weather; what is the weather like there; is it hot or cold there; does it rain much;
  what sort of climate does it have; how warm does it get; dry or rainy seasons; tropical or temperate;
  typical weather; what are winters and summers like
largest-city: largest city; biggest city; most populous city; what is the biggest city there;
  which city has the most people; which town is the largest in the country; most populated city; largest urban area;
  name of the biggest town; where do most townspeople live; main metropolis;
  what is the biggest city, is it the capital
major-cities: major cities; other large cities; what other big cities are there;
  name some cities there besides the capital; important cities; main towns; large towns; which other cities are big;
  list of big cities; cities of the country
government: type of government; form of government; political system; republic or monarchy; how is it governed;
  what kind of government does it have; is it a republic or a kingdom; is it a monarchy;
  who rules, a king or a president; system of rule; what sort of state is it; is it a democracy; constitutional form;
  how is the country run
independence: date of independence; when did it become independent; year of independence;
  when did it gain independence; when did it become a country; since when has it been a sovereign state;
  on what date did it become free; how long has it been independent; when did it break away; year it became free;
  date of statehood; when was the country founded
independence-from: independent from whom; former colonial power; who ruled it; who did it gain independence from;
  which empire did it belong to; whose colony was it; who colonised it; which country used to rule it;
  from whom did it break free; former ruler; it was once a colony of; from what country did it separate;
  colonial master
national-holiday: national holiday; national day; independence day; what is its national day;
  on what day do they celebrate the nation; what is the big public holiday there; when is the national holiday;
  what do people celebrate on that day; day of national celebration; state holiday; what date is the national day;
  when do they hold the big patriotic celebration
flag: flag; colours of the flag; what does the flag look like; what does its flag look like;
  which colours and symbols are on the flag; describe the banner; what is on the flag; stripes and stars of the flag;
  flag design; pattern of the flag; vertical or horizontal bands of the flag; which country has a flag like that
anthem: national anthem; anthem; what is the name of its national song; which song is played for it at the Olympics;
  what song do they sing for their country; title of the anthem; national hymn; what is the national anthem called;
  which country has this anthem; patriotic song
national-symbol: national symbol; national animal; emblem; what is its national animal;
  which animal or plant stands for the country; what is on the coat of arms; national bird; national flower;
  emblem of the country; symbol of the nation; which creature represents it; heraldic animal
exports: exports; main export goods; what does it sell abroad; what does it export;
  what goods does it sell to other countries; main goods sold overseas; what does it ship abroad;
  main export products; what does the country trade; export commodities; which products come from there;
  what does it make for foreign markets
natural-resources: natural resources; minerals; raw materials; what natural resources does it have;
  what is mined there; what lies underground there; which minerals are found there; does it have oil or gas;
  raw materials of the land; what can be dug up there; riches of the soil; which metals and fuels does the land hold
gdp: GDP; gross domestic product; size of the economy; how big is its economy; how much is its economy worth;
  what is its gross domestic product; GDP in dollars; economic output; national income; how rich is the country;
  total value of goods and services; size of its economy in billions; yearly economic output
airport-code: airport code; IATA code; three-letter airport code; which airport has the code;
  what is the IATA code of the airport; what letters are on the luggage tag; which airport has these three letters;
  code on my boarding pass; three letters of the airport; airport abbreviation; which airport is that code;
  flight code of the airport; what airport does this code stand for; baggage tag code
definition: what is; definition; meaning; where is; describe; what sort of place is it; what kind of thing is it;
  tell me about it; explain what it is; in a few words what is it; what does the word mean; define it;
  whereabouts is this town; what type of geographical feature is it
height: height; how high; how tall; elevation; how tall is it; how high is the mountain;
  what is its elevation above sea level; how many metres high; altitude of the summit;
  how far above the sea is its top; height in metres; how high up does it go; how many feet high is the peak;
  how tall is the waterfall
length: length; how long; how long is the river; how many kilometres long is it; what is its total length;
  length in km; how far does the river run; distance from source to mouth; how many miles long;
  how far does it stretch; over what distance does it extend
largest-country: largest country; biggest country by area; what is the biggest country there;
  which country has the most land; country with the largest area; which nation covers the most ground;
  largest state by territory; country that takes up the most space; second largest country by area;
  which country is the most extensive; biggest nation
smallest-country: smallest country; tiniest country; what is the smallest country there;
  which country has the least land; country with the smallest area; tiniest nation; smallest state by territory;
  which is the littlest country; second smallest country; microstate with the least area
most-populous-country: most populous country; country with the most people; which country has the most people;
  which nation has the biggest population; where do the most people live; country with the largest population;
  most populated country; most inhabitants of any country; second most populous nation;
  country with the highest number of inhabitants
least-populous-country: least populous country; country with the fewest people; which country has the fewest people;
  which nation has the smallest population; country with the lowest population; least populated country;
  country with the fewest inhabitants; where do the fewest people live; which state counts the fewest residents
densest-country: most densely populated country; most crowded country; which country is the most crowded;
  where do people live closest together; most people per square kilometre; highest population density;
  country with the greatest density; most tightly packed nation; densest population; most overcrowded
sparsest-country: least densely populated country; emptiest country; which country is the emptiest;
  where is there the most room per person; fewest people per square kilometre; lowest population density;
  country with the lowest density; most thinly settled nation; sparsest population;
  hardly anybody lives there for its size
longest-coastline: longest coastline; country with the most coast; which country has the longest coast;
  most kilometres of shore; country with the most seaside; who has the most coastline;
  longest shoreline of any country; nation with the greatest length of coast; country with the most beach;
  second longest coastline
highest-life-expectancy: highest life expectancy; country where people live longest; where do people live the longest;
  in which country do people get the oldest; country with the longest-lived people; highest average lifespan;
  greatest longevity; where do people reach the highest age; longest life expectancy;
  nation with the best life expectancy
lowest-life-expectancy: lowest life expectancy; where do people die youngest; in which country are lives shortest;
  country with the shortest-lived people; lowest average lifespan; shortest life expectancy; worst life expectancy;
  where do people reach the lowest age; where is life shortest
largest-economy: largest economy; richest country by GDP; which country has the biggest economy;
  which nation has the highest GDP; richest economy; strongest economy; country with the most economic output;
  greatest gross domestic product; top economy; who has the largest economy; second largest economy
largest-landlocked-country: largest landlocked country; what is the biggest country without a coast;
  biggest landlocked nation; largest country with no sea; which country without access to the ocean is the biggest;
  largest landlocked state by area; most extensive country cut off from the sea; biggest inland country;
  largest country that has no shore
smallest-landlocked-country: smallest landlocked country; what is the smallest country without a coast;
  tiniest landlocked nation; smallest country with no sea; which country without access to the ocean is the smallest;
  smallest landlocked state by area; littlest country cut off from the sea; smallest inland country;
  tiniest country that has no shore
landlocked-count: number of landlocked countries; how many countries have no coast;
  how many landlocked countries are there; how many nations have no sea access; count of countries without a shore;
  total of landlocked states; how many countries are cut off from the sea; number of states without ocean;
  how many countries don't touch the sea
landlocked-countries: landlocked countries; countries without a coast; which countries have no coast;
  name the landlocked countries; list of landlocked nations; countries with no access to the sea;
  which states are cut off from the ocean; countries that do not touch the sea; countries without a shore;
  which nations are surrounded by land
country-count: number of countries; how many countries; how many countries are there;
  how many nations does the continent have; how many member states; how many states belong to it;
  total number of countries in the world; count of nations; number of members; how many countries make it up
users: which countries use it; where is it used; who uses it; which countries pay with it;
  where can I spend this money; countries that have this currency; which nations use the euro;
  where is this currency accepted; in what countries is it legal tender; list of countries using it
most-neighbours: country with the most neighbours; borders the most countries; which country has the most neighbours;
  who borders the most nations; most bordering countries; which country touches the most others;
  greatest number of neighbours; country with the most land borders; record for bordering states;
  which state has the most frontiers
superlative: largest; longest; highest; deepest; smallest; what record does it hold; which is the deepest river;
  which is the lowest place on land; the most extreme of all; which one is the greatest; world record;
  what is it famous for being the most; extreme of its kind; the only one without a coast
mouth: flows into; mouth; where does it end; into which sea; where does the river end; into which sea does it flow;
  what sea does it empty into; where does it run out; which ocean does the river reach; where does it drain;
  what body of water does it discharge into; where does the river meet the sea; ends up in which sea;
  outflow of the river
country: in which country; where is it; country; in what country is it; which country is it in;
  what country would I visit to see it; which nation does the mountain stand in; where would I go to see this lake;
  to see it I must travel to which country; home country of the mountain; country where it lies
countries: which countries; shared by; countries in it; which countries does it lie in;
  what countries lie on its shores; which nations make it up; countries it stretches across;
  which countries does the mountain range cross; states around the sea; which countries share it;
  what countries does it include; which lands does it extend over
belongs-to: belongs to; part of which country; owned by; whose territory; who does it belong to;
  which country owns it; what country is it part of; who governs the island; whose island is it;
  under whose rule is it; which nation controls it; it is a territory of which country;
  sovereign power over the island; which state holds it
highest-mountain: highest mountain; tallest mountain; highest peak; what is the tallest mountain there;
  which mountain is the highest on the continent; name the highest peak of the continent; biggest mountain;
  what mountain rises above all others; tallest peak in the world; the summit highest above sea level;
  roof of the continent
longest-river: longest river; what is the longest river there; which river is the longest; biggest river by length;
  which river runs the furthest; river of greatest length; which stream goes on the longest; longest waterway;
  name the country's longest river
largest-lake: largest lake; biggest lake; what is the largest lake there; which lake is the biggest;
  lake with the greatest area; biggest body of inland water; which lake covers the most; most extensive lake;
  greatest lake; name the biggest lake
largest-desert: largest desert; biggest desert; what is the largest desert there; which desert is the biggest;
  most extensive desert; desert with the greatest area; greatest desert; which dry region is the biggest;
  which desert covers the most ground; biggest sandy place
largest-island: largest island; biggest island; what is the largest island there; which island is the biggest;
  island with the greatest area; most extensive island; greatest island; biggest isle in the sea;
  name of the biggest island; which island covers the most land
latitude: latitude; at what latitude; at what latitude does it run; how many degrees north or south is it;
  how many degrees from the equator; parallel; degrees of latitude; how far from the equator is the circle;
  position of the tropic in degrees; where does the circle of latitude lie
layers: layers; parts; what layers does it have; what is inside the Earth; name the layers of the Earth;
  structure of the Earth; what is it made up of from inside to outside; crust mantle and core; internal structure;
  shells of the planet
abbreviation: abbreviation; postal code; two letters of the state; how is the state abbreviated;
  what two letters stand for the state; two-letter state code; how do you write the state on an envelope;
  short form of the state's name; US mail code; which state is abbreviated with these letters; state abbreviation;
  which state has these two letters
flag-colours: colours of the flag; flag; which colours are on its flag; what are the colours of the flag;
  what colour is the flag; colours of the national banner; which country has a flag of these colours;
  stripes on the flag are what colour; flag of which colours; national colours
native-name: name in its own language; what do the locals call their country;
  what is the country called in its own language; how do its people name it; local name of the country; endonym;
  what do natives call it; its name at home; which country calls itself that
inventor: who proposed; who found; who discovered; who came up with it; whose idea was it; who thought of it first;
  who first put forward the theory; who led it; who was the first to do it; originator of the theory;
  which explorer did it; who sailed first around the world
members: types; kinds; what kinds are there; which types exist; name the types; list of the kinds; what are they;
  which ones belong to it; what are the three sorts; classes of it
source: source; where does it rise; where does it start; where does the river start; where does the river begin;
  from which lake does it flow; where does the water come from; headwaters of the river; spring of the river;
  in which mountains does it start; where is its origin; beginning of the river
flows-through: flows through; which city stands on the river; countries along the river;
  which countries does the river flow through; what countries does it cross; which lands does the river pass;
  through what countries does it run; countries on the banks; course of the river; nations along its course;
  it passes through which states
depth: depth; how deep; how deep is it; how many metres deep; what is its greatest depth; how far down does it go;
  maximum depth; how far is the bottom; deepest part of the lake in metres; depth of the trench;
  distance to the bottom
region: region; state; province
nickname: nickname; also called; known as; what is its nickname; which state is called that;
  what do people call it fondly; which place goes by this nickname; by what other name is the state known;
  popular name; pet name of the city; which city is nicknamed so; what is the informal name on its number plates
former-name: former name; old name; previously called; used to be called; what was it called before;
  what did it use to be called; what is its old name; under what name was it known earlier;
  earlier name of the country; historic name; which country used to have that name; what is this place called today;
  colonial name; name before it was renamed
state-capital: state capital; capital of the state; provincial capital; what is the capital of the state;
  what is the provincial capital; where does the state government sit; capital city of the province;
  main city of government of the state; which state has this capital; it is the capital of which state;
  where is the statehouse; which city is the state run from
largest-city-of-state: largest city of the state; biggest city; what is the biggest city in the state;
  which city of the state has the most people; largest city in the province; most populous city of the state;
  biggest town in the state; which town in the province is the largest; main city of the state by inhabitants;
  largest place in the state
connects: connects; links; joins; what does it connect; which seas does it join; what two waters does it link;
  between which oceans is the passage; what seas does the strait join; which oceans does the canal link;
  you sail through it from where to where; ships pass from one sea to another by it;
  what bodies of water does it unite
separates: separates; lies between; divides; what does it separate; which lands lie on either side of it;
  what is on both sides of the strait; between which countries does it lie; what two lands does it divide;
  it keeps which two places apart; what does the channel split; which islands does it part; lies in between
landmark: landmark; famous building; where is it; in which city; where can I see it; which city has this monument;
  in what city does it stand; where would I go to see this famous building; where is the monument;
  which town is it in; in which country is the famous sight; where was it built; where do tourists find it;
  location of the sight
river: river of the city; which river; which river flows through the city; what river runs through it;
  on what river does the city lie; what water does the town stand on; river through the capital;
  which river crosses the town; on whose banks was the city built; river that passes the city;
  name of the city's river
count: number; how many; how many of them are there; what number of them exists; how many in total; total number;
  how many does a circle have; how many are there in the world; how many zones; count of them
composition: consists of; made of; layers; parts; what is it made of; what does it consist of; what is inside it;
  which materials is it made from; what is it composed of; main ingredients; what substances does it contain; make-up
second-longest-river: what is the second longest river; which river comes second in length; number two among rivers;
  next longest river; runner-up in length; longest river after the first
deepest-lake: what is the deepest lake; which lake goes down the furthest; lake with the greatest depth;
  where is the lake deepest in the world; deepest inland water; most water below the surface in a lake
deepest-point: what is the deepest point of the ocean; where is the sea deepest; deepest place in the sea;
  deepest spot on the sea floor; lowest point of the ocean floor; deepest trench
parts: what does it consist of; which parts make it up; what are its parts; which lakes belong to it;
  what lands make up the island; which emirates are in it; name all of them; constituents
border: which river forms the border; what river marks the frontier; which rivers run along the border;
  river between two countries; boundary river; frontier line river
year: in what year was it opened; when was it finished; when did the canal open; year of opening;
  how old is the canal; when was it completed
longest-border: which country does it share its longest border with; what is its longest frontier;
  longest land border; longest boundary between two countries; with whom does it share the longest border;
  longest border in the world
seat: where is its headquarters; in which city does the organisation have its seat; where is it based; main office;
  head office of the organisation; where does it meet
southernmost-point: what is the southernmost point; how far south does it go; most southerly tip;
  which cape is furthest south; southern tip of the continent; southern end
northernmost-point: what is the northernmost point; how far north does it go; most northerly tip;
  northern tip of the continent; northern end; which cape is furthest north
westernmost-point: what is the westernmost point; how far west does it go; most westerly tip;
  western end of the continent; which cape is furthest west; extreme west
state-count: how many states does it have; how many states are there in the country; number of states;
  how many federal states; how many states make up the country; count of its states
largest-state: what is the biggest state; which state has the most land; largest state by area;
  which state covers the most ground; state with the greatest area; biggest state in the country
most-populous-state: which state has the most people; state with the largest population; most inhabited state;
  where do most people live, in which state; most crowded state by inhabitants; state with the most residents
seat-of-government: where does its government meet;
  in which city does its parliament sit though it is not the capital; where do its ministers work;
  city of the government; administrative seat; where is its government actually based
main-islands: what are its main islands; which islands make it up; name its big islands;
  of which islands does it consist; chief islands; two largest islands of the country
place: where is it; on what day is it; where does it pass; in which part of the world does it run;
  where would it be found; where does the line go
diameter: how wide is the Earth; how far is it through the Earth; distance across; width of the planet;
  how thick is the globe; what is the Earth's diameter
circumference: how far is it around the Earth; distance around the globe; how long is the equator;
  girth of the planet; what is the distance around the world; perimeter of the Earth
age: how old is the Earth; when was the Earth formed; how many years has the planet existed; age of the planet;
  how long ago did the Earth form; since when does it exist
first-climbed: who climbed it first; first people on the top; who reached the summit first; first ascent;
  who were the first to stand on its top; which climbers conquered it
second-highest-mountain: what is the second tallest mountain; which mountain comes second in height;
  number two among mountains; highest mountain after Everest; second highest peak; runner-up in height
tallest-building: what is the tallest building; which skyscraper is the highest; highest tower;
  which building is the tallest in the world; tallest structure; highest skyscraper on earth
largest-ocean: what is the biggest ocean; which ocean covers the most; ocean with the greatest area;
  most extensive ocean; biggest sea of water on earth; greatest ocean
smallest-ocean: what is the smallest ocean; which ocean covers the least; ocean with the least area; tiniest ocean;
  littlest of the oceans; least extensive ocean
highest-waterfall: what is the tallest waterfall; which falls drop the furthest; highest falls; longest drop of water;
  greatest height of a waterfall; waterfall with the highest drop
largest-continent: what is the biggest continent; which continent covers the most land;
  continent with the greatest area; most extensive continent; biggest of the seven; greatest landmass
smallest-continent: what is the smallest continent; which continent covers the least land;
  continent with the least area; tiniest continent; smallest of the seven; littlest landmass
continent-count: how many continents are there; number of continents; total of continents; count of the continents;
  how many big landmasses; how many parts is the world divided into
ocean-count: how many oceans are there; number of oceans; total of oceans; count of the oceans; how many big seas;
  how many oceans does the world have
highest-capital: which capital lies highest; what is the highest capital city; capital at the greatest altitude;
  capital highest above the sea; highest seat of government; capital up in the mountains
northernmost-capital: which capital is furthest north; most northerly capital; northernmost capital city;
  capital closest to the North Pole; capital nearest the Arctic; top northern capital
southernmost-capital: which capital is furthest south; most southerly capital; southernmost capital city;
  capital closest to the South Pole; capital nearest Antarctica; far southern capital
most-spoken-language: which language has the most speakers; what language do most people speak;
  most widely spoken tongue; language with the greatest number of speakers; commonest language in the world;
  most common mother tongue
`);

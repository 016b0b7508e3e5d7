/** More ways in which people ask for the relations of medicine, beside the tables' phrases: loosely, in passing, from the other side. */
import { readPhrases } from '../readers/phrases.ts';

export const MEDICINE_EVERYDAY_PHRASES: Readonly<Record<string, readonly string[]>> = readPhrases(`
affects: which organ has it; which part of the body is ill; it is a disease of which organ; what does it attack;
  it is an inflammation of what; where does the inflammation sit; which organ suffers; what is hurt by it;
  which body system is involved; what is diseased in it
called-when: what is the term for it; what is the medical term for it; medical term for it; what do doctors call it; proper medical name for it; what is the medical name for it; how do doctors call it;
  what is it called when you have it; medically speaking, what is it; name for the condition;
  what do you call a fear of it; what is the phobia called; which word do doctors use; what is having it called;
  technical name; the word for it
can-receive: which blood can it get; from whom can it receive blood; which blood groups can donate to it;
  what blood can a patient with it receive; who may give blood to it; compatible blood; safe transfusion for it;
  which blood groups are compatible
caused-by: what is the cause of it; what causes it; what is it caused by; which germ causes it; what virus causes it;
  which bacteria cause it; what makes you get it; how does it come about; how does it develop; what leads to it;
  what is behind it; which disease does it cause; what illness comes from it; is it caused by a virus;
  why do some people have it; what can bring it about; what goes wrong in it
chemical-name: what is its chemical name; which vitamin is it; what is the scientific name of the vitamin;
  which chemical is it; how do chemists call it; by what chemical name is it known; vitamin with this chemical name
common-name: what is it in plain words; what is it commonly known as; what is the normal word for it;
  what does it mean in plain language; what do people usually call it; how do you call it in everyday speech;
  simple name; the everyday word; what is the medical name of it; what is the anatomical name; Latin name of it;
  scientific name of the body part; which bone is it in plain words
deficiency: what causes it; what is it caused by; cause of it; the cause of it; why does somebody get it; what is lacking in it; a lack of what causes it; which vitamin is missing in it;
  what deficiency causes it; which disease do you get without it; what does a deficiency of it cause;
  what happens when you lack it; which nutrient do you need to prevent it; too little of it causes what;
  not getting enough of it leads to what; what is low when you have it
definition: what is that; what does that mean; what kind of thing is it; can you explain it; what is it exactly;
  what is it in simple terms; what does the word mean; could you describe it; please define it; give a definition;
  I read the word, what is it; how is it defined; what is understood by it; what is that supposed to be;
  what sort of thing is it
discovered-by: who discovered it; who invented it; who developed it; who was its discoverer; who made it first;
  who performed it first; to whom do we owe it; name the discoverer; which physician came up with it;
  who is known for it; who first described it; who introduced it; which researcher found it
drug-class: what kind of drug is it; what type of medication is it; to which class of drugs does it belong;
  what drug class; which group of drugs; what is it, an antibiotic or a painkiller; what class of medication;
  what sort of medicine is it; what category of drug; which medicines are of this class; is it a beta blocker
function: what is its function; what is the purpose of it; what is the job of it; what is it responsible for;
  why do we need it; what do we have it for; what role does it have; what happens in it; what is its task;
  which organ is responsible for it; which part of the body does it; how does it work for us;
  what would happen without it; which organ is it that does this; what ability depends on it
icd-10-code: what is the ICD-10 code; which code has it; what code does it have; how is it coded; ICD-10 number;
  code of the diagnosis; which diagnosis has the code; what disease is this code; what does the code mean;
  what is it coded as in the ICD; which illness hides behind the code
kind: what kind of thing is it; what type of thing is it; what is it a kind of; to which category does it belong;
  what sort of illness is it; what kind of disease is it; what type of disease is it; what is it classified as;
  what class of thing is it; of what kind is it
kind-of-vaccine: what does it protect against; against what does it protect; which disease does it prevent;
  what is the vaccine for; what is the shot for; which illness is it against; what does the jab prevent;
  which diseases does it cover
located-in: where is it; where is it located; where does it lie; where in the body is it;
  in which part of the body is it; what part of the body has it; where can it be found; where do you find it;
  whereabouts in the body; location of it; in what region is it; where exactly is it; what is found there;
  to which part of the body does it belong; what lies there
measures: what does it measure; what does it show; what is it for; what do doctors use it for;
  what is measured with it; what can you tell from it; which instrument measures it; which test measures it;
  what device is used for it; what is checked with it; how is it measured; what do they look at with it;
  why is it done
normal-value: what is normal for it; what is the normal value; what should it be; what is a healthy value;
  normal level; how high is it normally; what is the normal range for it; what is usual; what number is good;
  what is a normal reading; when is it normal; healthy number for it; what would be fine
number-in-body: how many are there; how many do humans have; how many do we have; how many does a person have;
  how many are in the body; number of them in the body; how many of them are in a human; how many does an adult have;
  how many does the body have; what is their number
other-name: what is another name for it; what is it also called; what else is it called; give a synonym for it;
  other word for it; what is a synonym of it; does it have another name; alternative word;
  what other names does it have; also called what; is there a different name
prevented-by: how can it be prevented; how do you prevent it; what prevents it; what protects from it;
  how can you avoid it; how do I avoid it; which vaccine prevents it; what can be done against getting it;
  how to protect oneself; what helps to avoid it; how not to catch it
produced-by: where is it produced; what produces it; which gland produces it; which organ produces it;
  where is it made; what makes it; where does it come from in the body; which gland makes it; what secretes it;
  where in the body is it formed; who produces it; which cells produce it; what does the gland produce;
  which hormone comes from it; from where is it released
rich-food: which foods contain it; what foods have it; what foods are rich in it; where do I find it in food;
  what do I have to eat for it; good sources of it; which food is a good source of it;
  what can I eat to get more of it; in which food is it; what contains a lot of it; food with much of it
specialist: which doctor treats it; what kind of doctor treats it; who is the specialist for it;
  which doctor should I go to for it; what is a doctor for it called; who treats it; doctor for it;
  which specialist deals with it; what does this doctor treat; who do I go to with it;
  what do you call the doctor for it; what is this doctor a specialist in; to whom do I go
spread-by: how is it spread; how is it transmitted; how do people catch it; how do you get it; what spreads it;
  what transmits it; which animal transmits it; which insect spreads it; how does it spread; how can I catch it;
  what carries it; from what do you get it; how does it pass between people; through what is it spread; is it catching
stands-for: what does it stand for; what does the abbreviation mean; what is it short for;
  what is the full form of it; what is it in full; what do doctors mean by these letters;
  what is the abbreviation for it; written out; in full; how is it abbreviated; what is the acronym for it
studies: what does it study; what does it deal with; what is it the study of; what is it about;
  which field studies it; what is the field called; what is the science of it called; study of what;
  which branch of medicine studies it; what does someone in this field do; what is it concerned with;
  which discipline deals with it
superlative: what is the largest; what is the smallest; what is the longest; what is the strongest;
  which is the biggest; what is the hardest; which is the largest of the body; which is the longest of the body;
  biggest of all; name the largest
symptom: what are the symptoms; what are the symptoms of it; what symptoms does it have; what are the signs of it;
  how does it show; how does it feel; what happens when you have it; how do I notice it; what does it do to you;
  how can you tell someone has it; which disease has these symptoms; what does a person with it have;
  what do you get when you have it; how does a patient look; what does it cause in the patient
treated-with: how do you treat it; what is the treatment for it; what is it treated with; what helps against it;
  which drug is used for it; what medicine is used for it; what do doctors give for it; how can it be treated;
  how can it be cured; what is given for it; what do you take for it; what is used against it;
  which illness is treated with it; what treats it; how do doctors deal with it; what will they give me for it;
  what is the remedy for it
used-for: what is it used for; what is it taken for; why do people take it; what is the drug for;
  what is it prescribed for; when is it prescribed; what does the medicine do; what is it good for;
  which disease is it for; against what is it used; why would a doctor prescribe it; why am I taking it;
  why is someone on it; what do hospitals use it for; which drug is used for it; what does the drug help with
`);

//! stub
pub struct Matcher; pub struct Guess{pub intent:String,pub score:f32}
impl Matcher{ pub fn train(_e:&[(String,String)])->Self{Matcher} pub fn rank(&self,_t:&str)->Vec<Guess>{vec![]} }
